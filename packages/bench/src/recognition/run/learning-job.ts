import { createLearningStore } from '../../../../../server/src/recognition/learning-rows.ts'
import {
  measureQuality,
  type Quality,
  sharesSeenSince,
} from '../../../../../server/src/recognition/quality.ts'
import { type Decision, decide, startWeights, type Weights } from '../../../../recognition/src/linkage.ts'
import { observeVisit } from '../replay/observe-visit.ts'
import { createReplay } from '../replay/replay.ts'
import { visitsOf } from '../replay/run-world.ts'
import { openSite, SITE_ID, type Site } from '../replay/site.ts'
import { scoreAnswers } from '../score/answers.ts'
import { calibrationError, equalMassBins } from '../score/calibration.ts'
import { answersOf, type Judged } from '../score/judge.ts'
import type { WorldSettings } from '../world/settings.ts'
import { findWorld } from '../world/worlds.ts'
import { type Wrong, wrongWeights } from './wrong-weights.ts'

/** A site that starts with published or with wrong weights, and learns from visits that key or cookie knew. */
export interface LearningJob {
  readonly kind: 'learning'
  readonly name: string
  readonly weights: Wrong | 'published'
  readonly browsers?: number
}

export interface LearningReport {
  readonly name: string
  readonly weights: LearningJob['weights']
  readonly browsers: number
  /** Labelled visits it had learned from when `after` began to be measured. */
  readonly labelled: number
  /** Of blind answers to the same visits: by the weights it began with, and by those it had learned by then. */
  readonly before: BlindScore
  readonly after: BlindScore
  /** Weights that went live. */
  readonly version: number
  /** What the site says of its own recognition, as its route would. */
  readonly live: Pick<
    Quality,
    'ece' | 'precision' | 'precisionBetween' | 'recall' | 'recallBetween' | 'trials'
  >
  /**
   * What is true of the very visits it tried itself on, and of all that key and cookie identified in that time. Recall is
   * of the returns with key or cookie: of a visitor that came without, the site cannot know that it returned.
   */
  readonly truth: BlindScore
  readonly traffic: BlindScore
}

/** Blind answers held against the truth; of those of 99 and more, precision and recall. */
interface BlindScore {
  readonly visits: number
  readonly precision: number
  readonly recall: number
  readonly ece: number
}

const DAY_MS = 86_400_000
/** RECOGNITION.md's bar is after so many. */
export const LABELLED = 20_000
/** As the route's default. */
const WINDOW_DAYS = 30
const SURE = 99

interface Blind extends Judged {
  /** Labelled visits before this one. */
  readonly labelled: number
  /** Key or cookie identified it. */
  readonly isProven: boolean
  /** Key or cookie identified it, or it was given one. */
  readonly isLabelled: boolean
  /** The same visit by the weights the site began with; once it has learned. */
  readonly unlearned?: Judged
}

/** Replays a world with everything it has, and asks about every visit blindly besides, as the server does of its hold-out. */
export async function runLearningJob({
  name,
  weights,
  browsers: asked,
}: LearningJob): Promise<LearningReport> {
  const world = findWorld(name)
  const browsers = Math.min(world.browsers, asked ?? world.browsers)
  const first = weights === 'published' ? startWeights() : wrongWeights(weights)
  const site = await openSite({ weights: first })
  try {
    const blind = await answerBlindly(site, { ...world, browsers }, first)
    await site.train()
    return { ...(await report(blind, site.storage)), name, weights, browsers }
  } finally {
    await site.close()
  }
}

async function answerBlindly(site: Site, world: WorldSettings, first: Weights): Promise<Blind[]> {
  // Every browser of these worlds is given a key, and a fingerprint makes no two visitors one that hold keys.
  const replay = createReplay(site, { isCold: false, keepsApart: true })
  const { recogniser, siteId } = site
  const tokenise = recogniser.tokeniseFor(siteId)
  const creators = new Map<string, string>()
  const seenBefore = new Set<string>()
  const blind: Blind[] = []
  let labelled = 0
  for (const { browser = '', seen } of visitsOf(world)) {
    const { atMs } = seen
    const observed = observeVisit(seen, { tokenise, isCold: false })
    const { input, decision } = await recogniser.consider(siteId, observed, { atMs, knowsProof: false })
    const { method, kept } = await replay(seen)
    const isReturn = seenBefore.has(browser)
    const hold = ({ visitorId: named, confidence }: Decision): Judged => ({
      ...{ browser, atMs, kept, confidence, isReturn, isFalseMerge: false },
      isRight: named !== undefined && creators.get(named) === browser,
      ...(named !== undefined && { named }),
    })
    const isProven = method === 'cookie' || method === 'device_key'
    blind.push({
      ...{ ...hold(decision), labelled, isProven, isLabelled: isProven || !creators.has(kept) },
      ...(labelled >= LABELLED && {
        unlearned: hold(decide({ ...input, knowledge: { ...input.knowledge, weights: first } })),
      }),
    })
    if (!creators.has(kept)) creators.set(kept, browser)
    seenBefore.add(browser)
    if (isProven) labelled += 1
  }
  return blind
}

function score(judged: readonly Judged[]): BlindScore {
  const { precision, recall } = scoreAnswers(judged, SURE)
  return {
    ...{ visits: judged.length, precision, recall },
    ece: calibrationError(equalMassBins(answersOf(judged))),
  }
}

const scoreKnown = (known: readonly Blind[]): BlindScore => ({
  ...score(known),
  recall: score(known.filter(({ isProven }) => isProven)).recall,
})

/** Which visits the site tried itself on. */
async function readTried({ db, tables: { recognitionTrials: t } }: Site['storage']): Promise<Set<string>> {
  const rows = await db.select({ visitorId: t.visitorId, atMs: t.atMs }).from(t)
  return new Set(rows.map(keyOf))
}

const keyOf = ({ visitorId, atMs }: { visitorId: string; atMs: number }) => `${visitorId} ${atMs}`

async function report(
  blind: readonly Blind[],
  storage: Site['storage'],
): Promise<Omit<LearningReport, 'browsers' | 'name' | 'weights'>> {
  const store = createLearningStore(storage)
  const endMs = blind.at(-1)?.atMs ?? 0
  const sinceMs = endMs - WINDOW_DAYS * DAY_MS
  const window = blind.filter(({ atMs, isLabelled }) => isLabelled && atMs >= sinceMs)
  const trials = await store.readResults(SITE_ID, sinceMs)
  const tried = await readTried(storage)
  const after = blind.filter(({ labelled }) => labelled >= LABELLED)
  return {
    labelled: after[0]?.labelled ?? blind.at(-1)?.labelled ?? 0,
    before: score(after.flatMap(({ unlearned }) => unlearned ?? [])),
    after: score(after),
    version: (await store.findLive(SITE_ID))?.version ?? 0,
    live: measureQuality(trials, { seenSince: sharesSeenSince(trials), linkConfidence: SURE }),
    truth: scoreKnown(window.filter(({ kept, atMs }) => tried.has(keyOf({ visitorId: kept, atMs })))),
    traffic: scoreKnown(window),
  }
}
