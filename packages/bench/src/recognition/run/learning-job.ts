import { createLearningStore } from '../../../../../server/src/recognition/learning-rows.ts'
import { measureQuality, shareSeenSince } from '../../../../../server/src/recognition/quality.ts'
import { startWeights, type Weights } from '../../../../recognition/src/linkage.ts'
import { observeVisit } from '../replay/observe-visit.ts'
import { createReplay } from '../replay/replay.ts'
import { visitsOf } from '../replay/run-world.ts'
import { openSite, SITE_ID } from '../replay/site.ts'
import { scoreAnswers } from '../score/answers.ts'
import { calibrationError, equalMassBins } from '../score/calibration.ts'
import { answersOf, type Judged } from '../score/judge.ts'
import { findWorld } from '../world/worlds.ts'

/** A site that starts with published or with wrong weights, and learns from visits that key or cookie knew. */
export interface LearningJob {
  readonly kind: 'learning'
  readonly name: string
  readonly weights: 'published' | 'wrong'
  readonly browsers?: number
}

export interface LearningReport {
  readonly name: string
  readonly weights: LearningJob['weights']
  readonly browsers: number
  /** Labelled visits it had learned from when `eceAfter` began to be measured. */
  readonly labelled: number
  /** Of blind answers, before anything was learned and after. */
  readonly eceBefore: number
  readonly eceAfter: number
  /** Weights that went live. */
  readonly version: number
  /** Of the window's blind answers of 99 and more: as the site's own quality figure tells it, and in truth. */
  readonly live: {
    readonly precision: number | null
    readonly recall: number | null
    readonly trials: number
  }
  readonly truth: { readonly precision: number; readonly recall: number; readonly visits: number }
}

const DAY_MS = 86_400_000
/** RECOGNITION.md's bar is after so many. */
export const LABELLED = 20_000
/** Answers before learning that show how wrong the weights are. */
const BEFORE = 4000
/** As the route's default. */
const WINDOW_DAYS = 30
const SURE = 99

/** Weights that are sure of everything: as if every value told twice as much as it does, and twins were rare. */
function wrongWeights(): Weights {
  const weights = startWeights()
  const scaled = (figures: unknown, factor: number) =>
    // Plain JSON; what is no record of numbers is left as it is.
    Object.fromEntries(
      Object.entries(figures as Readonly<Record<string, unknown>>).map(([name, value]) => [
        name,
        typeof value === 'number' ? value * factor : value,
      ]),
    )
  return {
    ...weights,
    bits: scaled(weights['bits'], 2),
    independence: scaled(weights['independence'], 2),
    slope: 2,
    offset: 3,
  }
}

interface Blind extends Judged {
  readonly labelled: number
}

/**
 * Replays a world with everything it has, and asks about every visit blindly besides: by fingerprint alone, neither side's
 * cookies looked at, as the server does for its hold-out.
 */
export async function runLearningJob({
  name,
  weights,
  browsers: asked,
}: LearningJob): Promise<LearningReport> {
  const world = findWorld(name)
  const browsers = Math.min(world.browsers, asked ?? world.browsers)
  const site = await openSite(weights === 'wrong' ? { weights: wrongWeights() } : {})
  try {
    const replay = createReplay(site, { isCold: false })
    const { recogniser, siteId } = site
    const tokenise = recogniser.tokeniseFor(siteId)
    const creators = new Map<string, string>()
    const seenBefore = new Set<string>()
    const blind: Blind[] = []
    let labelled = 0
    for (const { browser = '', seen } of visitsOf({ ...world, browsers })) {
      const { atMs } = seen
      const observed = observeVisit(seen, { tokenise, isCold: false })
      const { decision } = await recogniser.consider(siteId, observed, { atMs, knowsProof: false })
      const { method, kept } = await replay(seen)
      const named = decision.visitorId
      const isReturn = seenBefore.has(browser)
      const isRight = named !== undefined && creators.get(named) === browser
      blind.push({
        ...{
          browser,
          atMs,
          kept,
          confidence: decision.confidence,
          labelled,
          isReturn,
          isRight,
          isFalseMerge: false,
        },
        ...(named !== undefined && { named }),
      })
      if (!creators.has(kept)) creators.set(kept, browser)
      seenBefore.add(browser)
      if (method === 'cookie' || method === 'device_key') labelled += 1
    }
    return await report(blind, site.storage, { name, weights, browsers })
  } finally {
    await site.close()
  }
}

const eceOf = (judged: readonly Judged[]) => calibrationError(equalMassBins(answersOf(judged)))

async function report(
  blind: readonly Blind[],
  storage: Parameters<typeof createLearningStore>[0],
  world: Pick<LearningReport, 'browsers' | 'name' | 'weights'>,
): Promise<LearningReport> {
  const store = createLearningStore(storage)
  const endMs = blind.at(-1)?.atMs ?? 0
  const window = blind.filter(({ atMs }) => atMs >= endMs - WINDOW_DAYS * DAY_MS)
  const trials = await store.readResults(SITE_ID, endMs - WINDOW_DAYS * DAY_MS)
  const live = measureQuality(trials, { seenSince: shareSeenSince(trials), linkConfidence: SURE })
  const truth = scoreAnswers(window, SURE)
  const after = blind.filter(({ labelled }) => labelled >= LABELLED)
  return {
    ...world,
    labelled: after[0]?.labelled ?? blind.at(-1)?.labelled ?? 0,
    eceBefore: eceOf(blind.slice(0, BEFORE)),
    eceAfter: eceOf(after),
    version: (await store.findLive(SITE_ID))?.version ?? 0,
    live: { precision: live.precision, recall: live.recall, trials: live.trials },
    truth: { precision: truth.precision, recall: truth.recall, visits: window.length },
  }
}
