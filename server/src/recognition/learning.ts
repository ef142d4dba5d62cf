import { VISIT_GAP_MS } from '@helloagain/protocol'
import { lessons, type Observed, type Profile, trialInput } from '@helloagain/recognition/linkage'
import { newId } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import {
  COMPARISONS_PER_HOUR,
  createDailyCaps,
  type DailyCaps,
  isHeldOut,
  LESSONS_PER_PREFIX,
  LESSONS_PER_VISITOR,
  TRIALS_PER_PREFIX,
  TRIALS_PER_VISITOR,
} from './learning-policy.ts'
import type { LearningStore, Trial } from './learning-ports.ts'
import type { RecognitionStore } from './ports.ts'
import type { Learn, Lesson, Schooling } from './recogniser-ports.ts'

const HOUR_MS = 3_600_000

/** How many visits have been compared with what was known; beside the tallies of the engine. */
export const LESSONS_TALLY = 'server|lessons'
const ONE = { hits: 1, total: 1 }

/** Trials that wait to be written. */
const MAX_WAITING = 2000

export interface LearningParts {
  readonly store: Pick<LearningStore, 'keepTrial'> & Pick<RecognitionStore, 'knownAs'>
  readonly log: Pick<Log, 'warn'>
  /** How much one visitor and one prefix may teach. @default by day, see learning-policy.ts */
  readonly caps?: DailyCaps
}

/** What visits that key or cookie identified are good for. */
export interface Learning {
  /** To be called before the visit's observation is taken into the profile. */
  learnWith(schooling: Schooling): Learn
  /** Writes the trials that wait; what cannot be written goes on waiting. */
  flush(): Promise<void>
  /** Trials that found no room since the start. */
  readonly lostTrials: number
}

interface Trying extends Pick<Schooling, 'consider'> {
  readonly keepsComparisons: boolean
}

interface LabelledVisit extends Lesson {
  readonly siteId: string
  readonly visitorId: string
  readonly observed: Observed
}

/** Further reports of one visit say nothing new. */
const isSameVisit = (profile: Profile | undefined, { atMs }: Lesson): boolean =>
  profile !== undefined && atMs - profile.lastSeenAtMs < VISIT_GAP_MS

/** The fingerprint alone is asked, as if neither key nor cookie were there. */
async function tryBlindly(visit: LabelledVisit, { consider, keepsComparisons }: Trying): Promise<Trial> {
  const { siteId, visitorId, observed, atMs, isReturn } = visit
  const { input, decision } = await consider(siteId, observed, { atMs, knowsProof: false })
  const best = decision.visitorId ?? decision.explanation.best?.visitorId ?? null
  return {
    ...{ id: newId(), siteId, visitorId, atMs, isReturn },
    browserFamily: observed.browserFamily,
    method: decision.method,
    confidence: decision.confidence,
    isRight: isReturn && best === visitorId ? true : null,
    input: { best, comparisons: keepsComparisons ? trialInput(input, visitorId) : null },
  }
}

/**
 * Learns from visits whose visitor is known for sure. A fifth of the visitors are held out: on their visits the
 * fingerprint alone is asked, blindly, and its answer kept as a trial; all others' visits add to the tallies. Nobody
 * teaches more than a few visits a day, and no network more than a few hundred: nonsense cannot be taught by coming
 * often (SECURITY.md S6).
 *
 * A trial only reads while the visitor waits; it is written later. To try weights on, a sample of them suffices.
 */
export function createLearning({ store, log, caps = createDailyCaps() }: LearningParts): Learning {
  const waiting: Trial[] = []
  let lost = 0
  let toldLost = 0
  let flushing = Promise.resolve()

  function isWithinCaps({ siteId, visitorId, observed, atMs }: LabelledVisit): boolean {
    const isHeld = isHeldOut(visitorId)
    const prefix = `${isHeld ? 'trials' : 'lessons'}/${observed.tokens.networkPrefix ?? 'unknown'}`
    const ofVisitor = [`${siteId}/${visitorId}`, isHeld ? TRIALS_PER_VISITOR : LESSONS_PER_VISITOR] as const
    const ofPrefix = [`${siteId}//${prefix}`, isHeld ? TRIALS_PER_PREFIX : LESSONS_PER_PREFIX] as const
    return caps.pass([ofVisitor, ofPrefix], atMs)
  }

  async function takeLesson(visit: LabelledVisit, profile: Profile | undefined, schooling: Schooling) {
    const learned = lessons({ profile, observed: visit.observed, atMs: visit.atMs })
    if (profile) learned.set(LESSONS_TALLY, ONE)
    if (learned.size > 0) schooling.add(visit.siteId, learned)
  }

  async function takeTrial(visit: LabelledVisit, profile: Profile | undefined, schooling: Schooling) {
    // Nothing to be recognised by was left, or it has expired.
    if (visit.isReturn && !profile) return
    if (waiting.length >= MAX_WAITING) {
      lost += 1
      return
    }
    const { siteId, visitorId, atMs } = visit
    const hour = Math.floor(atMs / HOUR_MS)
    // Who came back rests on a link where there is one: weights must not be taught by what weights have said.
    const isLinked = visit.isReturn && (await store.knownAs([visitorId])).size > 0
    const keepsComparisons = !isLinked && caps.pass([[`${siteId}//${hour}`, COMPARISONS_PER_HOUR]], atMs)
    waiting.push(await tryBlindly(visit, { consider: schooling.consider, keepsComparisons }))
  }

  async function write(): Promise<void> {
    if (lost > toldLost) log.warn({ lost }, 'blind trials are lost: the database does not keep up')
    toldLost = lost
    for (let trial = waiting[0]; trial; trial = waiting[0]) {
      await store.keepTrial(trial)
      waiting.shift()
    }
  }

  return {
    learnWith:
      (schooling) =>
      // biome-ignore lint/complexity/useMaxParams: the port's.
      async (siteId, visitorId, observed, lesson) => {
        const visit = { siteId, visitorId, observed, ...lesson }
        const profile = await schooling.findProfile(siteId, visitorId)
        if (isSameVisit(profile, lesson) || !isWithinCaps(visit)) return
        await (isHeldOut(visitorId) ? takeTrial : takeLesson)(visit, profile, schooling)
      },
    flush() {
      flushing = flushing.catch(() => undefined).then(write)
      return flushing
    },
    get lostTrials() {
      return lost
    },
  }
}
