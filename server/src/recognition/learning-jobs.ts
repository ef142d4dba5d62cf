import { startWeights, type Tallies, type Weights } from '@helloagain/recognition/linkage'
import { newId } from '../platform/ids.ts'
import type { Job } from '../platform/jobs/jobs.ts'
import type { Log } from '../platform/log.ts'
import { LESSONS_TALLY, type Learning } from './learning.ts'
import type { Alone } from './learning-lock-rows.ts'
import { MAX_TRAINING, MAX_TRIALS, TRIAL_TTL_MS } from './learning-policy.ts'
import type { LearningStore, Model } from './learning-ports.ts'
import type { Recogniser, RecogniserStore } from './recogniser-ports.ts'
import { type Calibrate, isWorseThan, type Trained, trainModel } from './train-model.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const FLUSH_MS = 5000

/** Below it, the start weights know better than a site. */
const MIN_LESSONS = 500
/** Twice the lessons are worth a try at once; otherwise once a night. */
const GROWTH = 2

export interface LearningJobParts {
  readonly store: LearningStore & Pick<RecogniserStore, 'tallies'>
  readonly learning: Pick<Learning, 'flush'>
  readonly recogniser: Pick<Recogniser, 'flush'>
  readonly alone: Alone
  readonly nowMs: () => number
  readonly log: Pick<Log, 'info'>
  /** What learning starts from. @default the published weights */
  readonly base?: Weights
  /** @default in this thread */
  readonly calibrate?: Calibrate
}

const lessonsOf = (tallies: Tallies): number => tallies.get(LESSONS_TALLY)?.total ?? 0

/** @param last the last version that was tried */
function isDue(lessons: number, last: Model | undefined, atMs: number): boolean {
  if (lessons < MIN_LESSONS) return false
  const before = last?.report['lessons'] ?? 0
  const hasSlept = last === undefined || atMs - last.createdAtMs >= DAY_MS
  return lessons >= GROWTH * before || (hasSlept && lessons > before)
}

/** Learns the weights of one site, if it is time. */
export function createTrainSite(
  parts: Pick<LearningJobParts, 'base' | 'calibrate' | 'log' | 'nowMs' | 'store'>,
) {
  const { store, nowMs, log, base = startWeights(), calibrate } = parts

  async function enter(siteId: string, version: number, { weights, isBetter, report }: Trained) {
    const state = isBetter ? 'live' : 'refused'
    const model: Model = {
      ...{ id: newId(), siteId, version, state, report },
      weights: { ...weights, version },
      createdAtMs: nowMs(),
    }
    if (await store.enterModel(model)) log.info({ siteId, version, state, report }, 'weights were learned')
  }

  async function learn(siteId: string): Promise<void> {
    const [tallies, live, last] = await Promise.all([
      store.tallies(siteId),
      store.findLive(siteId),
      store.latestModel(siteId),
    ])
    const lessons = lessonsOf(tallies)
    if (!isDue(lessons, last, nowMs())) return
    const set = {
      ...{ tallies, base, live: live?.weights ?? base, ...(calibrate && { calibrate }) },
      trials: await store.readTrials(siteId, MAX_TRAINING),
    }
    const trained = await trainModel(set)
    if (!trained) return
    await enter(siteId, (last?.version ?? 0) + 1, { ...trained, report: { ...trained.report, lessons } })
    if (live && !trained.isBetter && (await isWorseThan(set))) {
      await store.retireLive(siteId)
      log.info(
        { siteId, version: live.version },
        'learned weights fit no longer: the published ones apply again',
      )
    }
  }

  return async (siteId: string): Promise<void> => {
    await store.pruneTrials(siteId, { cutoffMs: nowMs() - TRIAL_TTL_MS, most: MAX_TRIALS })
    await store.settle(siteId)
    await learn(siteId)
  }
}

/** Writes what visits taught, and learns by night and whenever there is much to learn from. */
export function createLearningJobs(parts: LearningJobParts): readonly Job[] {
  const { store, learning, recogniser, alone } = parts
  const trainSite = createTrainSite(parts)
  return [
    {
      name: 'recognition.lessons',
      everyMs: FLUSH_MS,
      run: async () => void (await Promise.all([learning.flush(), recogniser.flush()])),
    },
    {
      name: 'recognition.learning',
      everyMs: HOUR_MS,
      async run(signal) {
        await alone(async () => {
          for (const siteId of await store.listSites()) if (!signal.aborted) await trainSite(siteId)
        })
      },
    },
  ]
}
