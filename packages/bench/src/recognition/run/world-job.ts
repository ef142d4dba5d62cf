import { createReplay } from '../replay/replay.ts'
import { visitsOf } from '../replay/run-world.ts'
import { openSite } from '../replay/site.ts'
import { createTwinWatch } from '../replay/twins.ts'
import type { Rival, RivalAnswer } from '../rivals/rival.ts'
import { createRivals } from '../rivals/rivals.ts'
import { type LinkerScore, meanGapDays, scoreLinker, type TimedOutcome } from '../score/score-linker.ts'
import { findWorld } from '../world/worlds.ts'

/** A world to be answered by signals alone, by us and by every rival. */
export interface WorldJob {
  readonly kind: 'world'
  readonly name: string
  /** So many of its browsers. @default all */
  readonly browsers?: number
}

export interface ScoredLinker {
  readonly name: string
  readonly isOurs: boolean
  readonly score: LinkerScore
}

export interface WorldReport {
  readonly name: string
  readonly browsers: number
  readonly visits: number
  readonly returns: number
  /** Ours first. */
  readonly linkers: readonly ScoredLinker[]
  /** Visits that look exactly like another browser of the last 30 days, and those of them answered with 90 or more. */
  readonly twins: { readonly visits: number; readonly answered: number }
}

const TWIN_CONFIDENCE = 90
export const OURS = 'Hello Again'

/** An answer without a confidence is meant: it counts as certain. */
function toOutcome(
  rival: RivalAnswer,
  visit: { browser: string; atMs: number },
  microseconds: number,
): TimedOutcome {
  const { visitor, answered, confidence = 100 } = rival
  return {
    ...{ ...visit, kept: visitor, confidence: answered ? confidence : 0, microseconds },
    ...(answered && { named: visitor }),
  }
}

/** Answers a world, visit by visit, by all linkers side by side. */
export async function runWorldJob({ name, browsers: asked }: WorldJob): Promise<WorldReport> {
  const world = findWorld(name)
  const browsers = Math.min(world.browsers, asked ?? world.browsers)
  const settings = { ...world, browsers }
  const site = await openSite()
  try {
    const replay = createReplay(site, { isCold: true })
    const hasTwin = createTwinWatch()
    const ours: TimedOutcome[] = []
    const rivals = createRivals().map((rival) => ({ rival, outcomes: [] as TimedOutcome[] }))
    const twins = { visits: 0, answered: 0 }
    for (const visit of visitsOf(settings)) {
      const { browser = '', seen } = visit
      const truth = { browser, atMs: seen.atMs }
      const decided = await replay(seen)
      ours.push({ ...decided, ...truth })
      if (hasTwin(visit)) {
        twins.visits += 1
        if (decided.named !== undefined && decided.confidence >= TWIN_CONFIDENCE) twins.answered += 1
      }
      for (const one of rivals) one.outcomes.push(ask(one.rival, visit.raw, truth))
    }
    const everyDays = meanGapDays(ours)
    const linkers = [{ name: OURS, isOurs: true, score: scoreLinker(ours, everyDays) }]
    for (const { rival, outcomes } of rivals) {
      linkers.push({ name: rival.name, isOurs: false, score: scoreLinker(outcomes, everyDays) })
    }
    const [{ score }] = linkers as [ScoredLinker]
    return { name, browsers, visits: score.visits, returns: score.returns, linkers, twins }
  } finally {
    await site.close()
  }
}

function ask(
  rival: Rival,
  { t, signals, unstable }: Parameters<Rival['assign']>[0],
  truth: { browser: string; atMs: number },
): TimedOutcome {
  const startedAtMs = performance.now()
  const answer = rival.assign({ t, signals, ...(unstable && { unstable }) })
  return toOutcome(answer, truth, 1000 * (performance.now() - startedAtMs))
}
