import {
  calibrate,
  learnWeights,
  type Rescored,
  rescore,
  type Tallies,
  type TrialInput,
  type Weights,
} from '@helloagain/recognition/linkage'
import { isJudge } from './learning-policy.ts'
import type { Trial, TrialResult } from './learning-ports.ts'
import { shareSeenSince } from './quality.ts'

export type KeptTrial = Trial & Pick<TrialResult, 'isSeenSince'>

export interface TrainingSet {
  readonly tallies: Tallies
  readonly trials: readonly KeptTrial[]
  /** What learning starts from. */
  readonly base: Weights
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
export const MIN_JUDGED = 200
/** Better by this many standard errors: by chance once in forty nights, if there were nothing to learn. */
const SURE = 2
/** So much more error of calibration is let pass as chance: with a few hundred answers, it moves by more. */
const ECE_TOLERANCE = 0.005
/** Of those it names, at least so many, and so large a share rightly: labels that are nonsense teach to name nobody. */
const MIN_RIGHT = 20
const MIN_RIGHT_SHARE = 0.8
/** One that was found out stands for at most so many that were not. */
const MOST_STANDING_FOR = 5
const LEAST_PROBABILITY = 5e-4

/**
 * Trials whose truth is known. First visits that are still open are left out, and those that were found out stand for
 * the ones that are wrong and still open, too.
 */
function settled(trials: readonly KeptTrial[], seenSince: number): TrialInput[] {
  const standingFor = seenSince > 0 ? Math.min(MOST_STANDING_FOR, Math.round(1 / seenSince)) : 1
  return trials.flatMap(({ isReturn, isRight, input }) => {
    // Written by `trialInput` into a column that takes any JSON.
    const comparisons = input.comparisons as TrialInput
    if (isReturn || input.best === null) return [comparisons]
    return isRight === false ? Array.from({ length: standingFor }, () => comparisons) : []
  })
}

const isNamed = ({ method }: Rescored) => method.startsWith('fingerprint_')

/** Nats by which what the API would have said missed what was. */
function lossOf({ method, confidence, isBestRight }: Rescored, { right }: TrialInput): number {
  const isTrue = method === 'new' ? right < 0 : isBestRight
  const claimed = confidence / 100
  return -Math.log(Math.max(LEAST_PROBABILITY, isTrue ? claimed : 1 - claimed))
}

const BINS = 15

/** Over answers that name somebody, in bins of equal width (Guo et al., ICML 2017). */
function calibrationError(answers: readonly Rescored[]): number {
  const bins = Map.groupBy(answers, ({ confidence }) =>
    Math.min(BINS - 1, Math.floor((confidence * BINS) / 100)),
  )
  let error = 0
  for (const bin of bins.values()) {
    const claimed = bin.reduce((sum, { confidence }) => sum + confidence / 100, 0)
    error += Math.abs(claimed - bin.filter(({ isBestRight }) => isBestRight).length)
  }
  return error / Math.max(1, answers.length)
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

const isGain = ({ mean, standardError }: Difference) => mean > SURE * standardError
const isNoLoss = ({ mean, standardError }: Difference) => mean > -standardError

/** Holds weights against others on the same trials. */
function compareWeights(trials: readonly TrialInput[], weights: Weights, other: Weights) {
  const pairs = trials.map((trial) => ({
    trial,
    ours: rescore(trial, weights),
    theirs: rescore(trial, other),
  }))
  const surprise = differenceOf(pairs.map(({ ours, theirs }) => theirs.logLoss - ours.logLoss))
  const claims = differenceOf(
    pairs.map(({ trial, ours, theirs }) => lossOf(theirs, trial) - lossOf(ours, trial)),
  )
  const named = pairs.map(({ ours }) => ours).filter(isNamed)
  const right = named.filter(({ isBestRight }) => isBestRight).length
  const ece = calibrationError(named)
  const eceBefore = calibrationError(pairs.map(({ theirs }) => theirs).filter(isNamed))
  const hasGained = (isGain(surprise) && isNoLoss(claims)) || (isGain(claims) && isNoLoss(surprise))
  const hasSkill = right >= MIN_RIGHT && right >= MIN_RIGHT_SHARE * named.length
  const mean = (values: readonly number[]) => differenceOf(values).mean
  return {
    isBetter: trials.length >= MIN_JUDGED && hasGained && hasSkill && ece <= eceBefore + ECE_TOLERANCE,
    report: {
      trials: trials.length,
      logLoss: mean(pairs.map(({ ours }) => ours.logLoss)),
      logLossBefore: mean(pairs.map(({ theirs }) => theirs.logLoss)),
      claimLoss: mean(pairs.map(({ trial, ours }) => lossOf(ours, trial))),
      claimLossBefore: mean(pairs.map(({ trial, theirs }) => lossOf(theirs, trial))),
      ...{ ece, eceBefore, named: named.length, right },
    },
  }
}

/**
 * Learns weights from a site's tallies, calibrates them on half of the held-out visitors and judges them on the other
 * half. Better is what names the truth with less surprise, or says more honestly how sure it is, by two standard
 * errors, without doing the other one worse. Undefined while there are too few trials to judge by.
 */
export function trainModel({ tallies, trials, base, live }: TrainingSet): Trained | undefined {
  const seenSince = shareSeenSince(trials)
  const judged = settled(
    trials.filter(({ visitorId }) => isJudge(visitorId)),
    seenSince,
  )
  if (judged.length < MIN_JUDGED) return undefined
  const calibrating = settled(
    trials.filter(({ visitorId }) => !isJudge(visitorId)),
    seenSince,
  )
  const weights = calibrate(learnWeights(tallies, base), calibrating)
  return { weights, ...compareWeights(judged, weights, live) }
}

/** Whether going back would be better: what was learned may not fit any longer. */
export function isWorseThan({ trials, base, live }: TrainingSet): boolean {
  const judged = settled(trials, shareSeenSince(trials))
  return judged.length >= MIN_JUDGED && compareWeights(judged, base, live).isBetter
}
