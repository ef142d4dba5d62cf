import { createIdentities } from '../replay/identities.ts'
import { createReplay } from '../replay/replay.ts'
import { visitsOf, type WorldVisit } from '../replay/run-world.ts'
import { openSite } from '../replay/site.ts'
import { createTwinWatch } from '../replay/twins.ts'
import type { Rival, RivalAnswer } from '../rivals/rival.ts'
import { createRivals } from '../rivals/rivals.ts'
import { judge } from '../score/judge.ts'
import { type LinkerScore, meanGapDays, scoreLinker, type TimedOutcome } from '../score/score-linker.ts'
import { findWorld } from '../world/worlds.ts'

/** A world to be answered by us and by every rival. */
export interface WorldJob {
  readonly kind: 'world'
  readonly name: string
  /** By signals alone, or with key, cookie, device id and network; to rivals key and cookie tell as much as to us. */
  readonly sees: 'everything' | 'signals'
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
  readonly sees: WorldJob['sees']
  readonly browsers: number
  readonly visits: number
  readonly returns: number
  /** Ours first. */
  readonly linkers: readonly ScoredLinker[]
  /** Our answers by evidence, the strongest first. */
  readonly tiers: readonly Tier[]
  /** Visits that look exactly like another browser of the last 30 days, and those of them answered with 90 or more. */
  readonly twins: { readonly visits: number; readonly answered: number }
}

/** Answers by one kind of evidence. */
export interface Tier {
  readonly method: string
  readonly answers: number
  /** Share of them that are right; of those that name nobody, that are somebody new. */
  readonly right: number
}

const TIERS = ['device_key', 'cookie', 'device_id', 'fingerprint_exact', 'fingerprint_similar', 'new', 'none']

const TWIN_CONFIDENCE = 90
const OURS = 'Hello Again'

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

/** A rival, and who holds which key and cookie by its own account. */
function enter(rival: Rival, sees: WorldJob['sees']) {
  const identities = createIdentities()
  const outcomes: TimedOutcome[] = []
  return {
    name: rival.name,
    outcomes,
    ask({ raw: { t, signals, unstable }, seen: { evidence, atMs }, browser = '' }: WorldVisit): void {
      const startedAtMs = performance.now()
      // A device id is ours alone: none of them knows of one.
      const { deviceKey, cookie } = evidence
      const proof = { ...(deviceKey !== undefined && { deviceKey }), ...(cookie !== undefined && { cookie }) }
      const known = sees === 'everything' ? identities.find(proof)?.visitorId : undefined
      const answer = rival.assign({ t, signals, ...(unstable && { unstable }) }, known)
      identities.keep(proof, answer.visitor)
      const certain: RivalAnswer =
        known === undefined ? answer : { visitor: answer.visitor, answered: true, confidence: 100 }
      outcomes.push(toOutcome(certain, { browser, atMs }, 1000 * (performance.now() - startedAtMs)))
    },
  }
}

/** By method: how many, and how many of them rightly. */
function countTiers(methods: readonly string[], outcomes: readonly TimedOutcome[]): Tier[] {
  const judged = judge(outcomes).map((one, index) => ({ ...one, method: methods[index] ?? '' }))
  return TIERS.map((method) => {
    const own = judged.filter((one) => one.method === method)
    const right = own.filter(({ named, isRight, isReturn }) => (named === undefined ? !isReturn : isRight))
    return { method, answers: own.length, right: right.length / Math.max(1, own.length) }
  }).filter(({ answers }) => answers > 0)
}

/** Answers a world, visit by visit, by all linkers side by side. */
export async function runWorldJob({ name, sees, browsers: asked }: WorldJob): Promise<WorldReport> {
  const world = findWorld(name)
  const browsers = Math.min(world.browsers, asked ?? world.browsers)
  const site = await openSite()
  try {
    const replay = createReplay(site, { isCold: sees === 'signals' })
    const hasTwin = createTwinWatch()
    const ours: TimedOutcome[] = []
    const methods: string[] = []
    const rivals = createRivals().map((rival) => enter(rival, sees))
    const twins = { visits: 0, answered: 0 }
    for (const visit of visitsOf({ ...world, browsers })) {
      const { browser = '', seen } = visit
      const { method, ...decided } = await replay(seen)
      ours.push({ ...decided, browser, atMs: seen.atMs })
      methods.push(method)
      if (hasTwin(visit)) {
        twins.visits += 1
        if (decided.named !== undefined && decided.confidence >= TWIN_CONFIDENCE) twins.answered += 1
      }
      for (const rival of rivals) rival.ask(visit)
    }
    const everyDays = meanGapDays(ours)
    const score = scoreLinker(ours, everyDays)
    const others = rivals.map((rival) => ({
      ...{ name: rival.name, isOurs: false, score: scoreLinker(rival.outcomes, everyDays) },
    }))
    return {
      ...{ name, sees, browsers, visits: score.visits, returns: score.returns, twins },
      linkers: [{ name: OURS, isOurs: true, score }, ...others],
      tiers: countTiers(methods, ours),
    }
  } finally {
    await site.close()
  }
}
