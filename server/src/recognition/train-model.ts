import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  calibrate,
  learnWeights,
  type Rescored,
  rescore,
  type Tallies,
  type TrialInput,
  type Weights,
} from '@helloagain/recognition/linkage'
import { isJudge, MAX_CALIBRATING } from './learning-policy.ts'
import type { Trial, TrialResult } from './learning-ports.ts'
import { type SeenSince, sharesSeenSince, standsFor } from './quality.ts'

export type KeptTrial = Trial & Pick<TrialResult, 'isSeenSince'>

export type Calibrate = (weights: Weights, trials: readonly TrialInput[]) => Promise<Weights> | Weights

export interface TrainingSet {
  readonly tallies: Tallies
  readonly trials: readonly KeptTrial[]
  /** What learning starts from. */
  readonly base: Weights
  /** @default in this thread */
  readonly calibrate?: Calibrate
  /** What new weights have to be better than. */
  readonly live: Weights
}

/** Learned weights, and how they did against those that are live, on trials that neither has seen. */
export interface Trained {
  readonly weights: Weights
  readonly isBetter: boolean
  readonly report: Readonly<Record<string, number>>
}

/** The fewest trials to judge by. */
const MIN_JUDGED = 200
/** Better by this many standard errors: by chance once in forty nights, if there were nothing to learn. */
const SURE = 2
/** Nats a visit; for less, weights that work are not given up. */
const LEAST_GAIN = 0.01
/** Of those it names, at least so many, and so large a share rightly: labels that are nonsense teach to name nobody. */
const MIN_RIGHT = 20
const MIN_RIGHT_SHARE = 0.8
/** One that was found out stands for at most so many that were not. */
const MOST_STANDING_FOR = 5
const LEAST_PROBABILITY = 5e-4
/** Some milliseconds of work. */
const TRIALS_PER_TURN = 25

/**
 * Trials whose truth is known, or is told by comparing lives. First visits that are still open are left out, and answers
 * that were found out stand for those that are wrong and still open, too.
 */
function settled(trials: readonly KeptTrial[], seenSince: SeenSince): TrialInput[] {
  return trials.flatMap(({ isReturn, isRight, input }) => {
    // Written by `trialInput` into a column that takes any JSON.
    const comparisons = input.comparisons as TrialInput
    if (isRight === false) {
      const times = Math.min(MOST_STANDING_FOR, Math.round(standsFor(seenSince, isReturn)))
      return Array.from({ length: times }, () => ({ ...comparisons, isRefuted: true }))
    }
    return isReturn || input.best === null ? [comparisons] : []
  })
}

/** What the API would have said of a visit, and whether that was so. */
interface Claim {
  /** 0–1. */
  readonly claimed: number
  readonly isTrue: boolean
}

/** An answer claims that it is right. Undefined where none is given, or nobody knows whether it is. */
function claimOf(
  { method, confidence, isBestRight, isOpen }: Rescored,
  { right }: TrialInput,
): Claim | undefined {
  if (method === 'new') return { claimed: confidence / 100, isTrue: right < 0 }
  return method === 'none' || isOpen ? undefined : { claimed: confidence / 100, isTrue: isBestRight }
}

/** Nats by which a claim missed what was. */
const lossOf = ({ claimed, isTrue }: Claim): number =>
  -Math.log(Math.max(LEAST_PROBABILITY, isTrue ? claimed : 1 - claimed))

const BINS = 15

interface CalibrationError {
  /** In bins of equal width (Guo et al., ICML 2017). */
  readonly error: number
  /** By how much it moves by chance, with so few claims. */
  readonly standardError: number
}

/** Variance of |x|, x drawn from a normal distribution of variance 1. */
const HALF_NORMAL_VARIANCE = 1 - 2 / Math.PI

function calibrationError(claims: readonly Claim[]): CalibrationError {
  const bins = Map.groupBy(claims, ({ claimed }) => Math.min(BINS - 1, Math.floor(claimed * BINS)))
  let [missed, variance] = [0, 0]
  for (const bin of bins.values()) {
    const surplus = bin.reduce((sum, { claimed, isTrue }) => sum + claimed - Number(isTrue), 0)
    missed += Math.abs(surplus)
    variance += HALF_NORMAL_VARIANCE * bin.reduce((sum, { claimed }) => sum + claimed * (1 - claimed), 0)
  }
  const total = Math.max(1, claims.length)
  return { error: missed / total, standardError: Math.sqrt(variance) / total }
}

interface Difference {
  readonly mean: number
  readonly standardError: number
}

function differenceOf(values: readonly number[]): Difference {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
  return { mean, standardError: Math.sqrt(variance / values.length) }
}

const isGain = ({ mean, standardError }: Difference) => mean > Math.max(LEAST_GAIN, SURE * standardError)
const isNoLoss = ({ mean, standardError }: Difference) => mean > -standardError

/** How weights do on trials. Others have their turn in between: this is done while the server serves. */
async function tryWeights(trials: readonly TrialInput[], weights: Weights) {
  const answers: { trial: TrialInput; rescored: Rescored }[] = []
  for (const trial of trials) {
    if (answers.length % TRIALS_PER_TURN === 0) await nextTurn()
    answers.push({ trial, rescored: rescore(trial, weights) })
  }
  const claims = answers.map(({ trial, rescored }) => claimOf(rescored, trial))
  const named = answers.filter(
    ({ rescored }) => rescored.method.startsWith('fingerprint_') && !rescored.isOpen,
  )
  return {
    surprises: answers.map(({ rescored }) => rescored.logLoss),
    misses: claims.map((claim) => claim && lossOf(claim)),
    calibration: calibrationError(claims.filter((claim) => claim !== undefined)),
    named: named.length,
    right: named.filter(({ rescored }) => rescored.isBestRight).length,
  }
}

/** Holds weights against others on the same trials. */
async function compareWeights(trials: readonly TrialInput[], weights: Weights, others: Weights) {
  const ours = await tryWeights(trials, weights)
  const theirs = await tryWeights(trials, others)
  const gainOf = (what: 'misses' | 'surprises') =>
    differenceOf(
      ours[what].flatMap((loss, index) => {
        const other = theirs[what][index]
        return loss === undefined || other === undefined ? [] : [other - loss]
      }),
    )
  const surprise = gainOf('surprises')
  const misses = gainOf('misses')
  const hasGained = (isGain(surprise) && isNoLoss(misses)) || (isGain(misses) && isNoLoss(surprise))
  const hasSkill = ours.right >= MIN_RIGHT && ours.right >= MIN_RIGHT_SHARE * ours.named
  const { error, standardError } = ours.calibration
  const isHonest = error <= theirs.calibration.error + SURE * standardError
  const mean = (losses: readonly (number | undefined)[]) =>
    differenceOf(losses.filter((loss) => loss !== undefined)).mean
  return {
    isBetter: trials.length >= MIN_JUDGED && hasGained && hasSkill && isHonest,
    report: {
      trials: trials.length,
      ...{ logLoss: mean(ours.surprises), logLossBefore: mean(theirs.surprises) },
      ...{ claimLoss: mean(ours.misses), claimLossBefore: mean(theirs.misses) },
      ...{ ece: error, eceBefore: theirs.calibration.error, named: ours.named, right: ours.right },
    },
  }
}

/**
 * Learns weights from a site's tallies, calibrates them on half of the held-out visitors and judges them on the other
 * half. Better is what names the truth with less surprise, or says more honestly how sure it is, by two standard
 * errors, without doing the other one worse. Undefined while there are too few trials to judge by.
 */
export async function trainModel(set: TrainingSet): Promise<Trained | undefined> {
  const { tallies, trials, base, live, calibrate: fit = calibrate } = set
  const seenSince = sharesSeenSince(trials)
  const judged = settled(
    trials.filter(({ visitorId }) => isJudge(visitorId)),
    seenSince,
  )
  if (judged.length < MIN_JUDGED) return undefined
  const calibrating = settled(
    trials.filter(({ visitorId }) => !isJudge(visitorId)),
    seenSince,
  )
  const weights = await fit(learnWeights(tallies, base), calibrating.slice(0, MAX_CALIBRATING))
  return { weights, ...(await compareWeights(judged, weights, live)) }
}

/** Whether going back would be better: what was learned may not fit any longer. */
export async function isWorseThan({ trials, base, live }: TrainingSet): Promise<boolean> {
  const judged = settled(trials, sharesSeenSince(trials))
  return judged.length >= MIN_JUDGED && (await compareWeights(judged, base, live)).isBetter
}
