import { type Interval, shareBetween } from './interval.ts'
import type { TrialResult } from './learning-ports.ts'

/** Answers of about the same confidence, and how many of them were right. */
export interface ReliabilityBin {
  readonly answers: number
  /** 0–1, what they said on average. */
  readonly claimed: number
  /** 0–1, how many were right. */
  readonly found: number
}

/** How well recognition by fingerprint alone did. A figure is null while there are too few trials to tell it. */
export interface Quality {
  readonly trials: number
  readonly returns: number
  readonly firstVisits: number
  /** Trials whose answer was sure enough to link by. */
  readonly links: number
  /** 0–1: right ones among the links. */
  readonly precision: number | null
  /** Where it lies with 95 %, as so few trials of so few visitors can tell; of this and other figures. */
  readonly precisionBetween: Interval | null
  /** 0–1: the same, had every answer that is still open been wrong. */
  readonly precisionAtLeast: number | null
  /** 0–1: returns that were rightly linked. */
  readonly recall: number | null
  readonly recallBetween: Interval | null
  /** Wrong links among 10,000 trials. */
  readonly falseMergesPer10k: number | null
  /** The same, had every answer that is still open been wrong. */
  readonly falseMergesPer10kAtMost: number | null
  /** 0–1: by how much answers claim more or less than is found, on average. */
  readonly ece: number | null
  readonly reliability: readonly ReliabilityBin[]
}

export interface QualityOptions {
  /** Of all trials, see {@link sharesSeenSince}. */
  readonly seenSince: SeenSince
  /** Probability from which a fingerprint links, 0–100. */
  readonly linkConfidence: number
}

/** 0–1: how many have come again since their trial. So much of what is wrong shows itself. */
export interface SeenSince {
  readonly returners: number
  readonly newcomers: number
}

/** The fewest from which a share says anything: half a width of 95 % is then 7 points at worst. */
export const MIN_FOR_SHARE = 200
/** Guo et al., ICML 2017 use 15. */
const BINS = 15

const isNamed = ({ method }: TrialResult) => method.startsWith('fingerprint_')

export function sharesSeenSince(trials: readonly Pick<TrialResult, 'isReturn' | 'isSeenSince'>[]): SeenSince {
  const shareOf = (ofReturns: boolean) => {
    const own = trials.filter(({ isReturn }) => isReturn === ofReturns)
    return own.filter(({ isSeenSince }) => isSeenSince).length / Math.max(1, own.length)
  }
  return { returners: shareOf(true), newcomers: shareOf(false) }
}

/**
 * How many wrong answers one that was found out stands for: the one named has to come again and, on a first visit, so has
 * the newcomer. Infinity while nobody has.
 */
export const standsFor = ({ returners, newcomers }: SeenSince, isReturn: boolean): number =>
  1 / (isReturn ? returners : returners * newcomers)

/** An answer, and how likely it is right, 0–1. */
type Judged = readonly [trial: TrialResult, right: number]

/** An open answer is likely right, but for the share of wrong ones that have not shown themselves. */
function judge(answers: readonly TrialResult[], seenSince: SeenSince): Judged[] {
  return [true, false].flatMap((isReturn) => {
    const own = answers.filter((trial) => trial.isReturn === isReturn)
    const refuted = own.filter(({ isRight }) => isRight === false).length
    const open = own.filter(({ isRight }) => isRight === null).length
    const stands = standsFor(seenSince, isReturn)
    const hidden = Number.isFinite(stands) ? refuted * (stands - 1) : open
    const openRight = 1 - Math.min(1, hidden / Math.max(1, open))
    return own.map((trial): Judged => [trial, trial.isRight === null ? openRight : Number(trial.isRight)])
  })
}

const sumOf = (judged: readonly Judged[]) => judged.reduce((sum, [, right]) => sum + right, 0)

function binOf(answers: readonly TrialResult[], seenSince: SeenSince): ReliabilityBin {
  const count = answers.length
  const sum = answers.reduce((total, { confidence }) => total + confidence, 0)
  return { answers: count, claimed: sum / (100 * count), found: sumOf(judge(answers, seenSince)) / count }
}

/** About as many answers in every bin, least sure first; those that are equally sure share one. */
function reliabilityOf(answers: readonly TrialResult[], seenSince: SeenSince): ReliabilityBin[] {
  const bins: TrialResult[][] = []
  for (const answer of [...answers].sort((left, right) => left.confidence - right.confidence)) {
    const bin = bins.at(-1)
    const isFull = bin && bin.length * BINS >= answers.length && bin.at(-1)?.confidence !== answer.confidence
    if (bin && !isFull) bin.push(answer)
    else bins.push([answer])
  }
  return bins.map((bin) => binOf(bin, seenSince))
}

const calibrationError = (bins: readonly ReliabilityBin[], answers: number): number =>
  bins.reduce((sum, bin) => sum + (bin.answers / answers) * Math.abs(bin.claimed - bin.found), 0)

/**
 * Reckons the quality of blind answers, best told by those visits whose visitor key or cookie knew.
 *
 * Who names that visitor is right. Who names another one is wrong once both have come again by their own cookie or key,
 * and were alive at the same time; else it may be the same browser, which had lost its cookie or came in a private
 * window. Not everybody comes again: by the shares of those who have, the wrong ones that are known stand for all; the
 * bounds take each one that is open for wrong.
 */
export function measureQuality(
  trials: readonly TrialResult[],
  { seenSince, linkConfidence }: QualityOptions,
): Quality {
  const named = trials.filter(isNamed)
  const links = judge(
    named.filter(({ confidence }) => confidence >= linkConfidence),
    seenSince,
  )
  const rightOf = new Map(links)
  const returns = trials.filter(({ isReturn }) => isReturn)
  const recalled = returns.map((trial): Judged => [trial, rightOf.get(trial) ?? 0])
  const wrong = links.length - sumOf(links)
  const doubtful = links.filter(([{ isRight }]) => isRight !== true).length
  const share = (part: number, whole: number) => (whole < MIN_FOR_SHARE ? null : part / whole)
  const between = (judged: readonly Judged[]) =>
    judged.length < MIN_FOR_SHARE
      ? null
      : shareBetween(judged.map(([{ visitorId }, right]) => ({ of: visitorId, share: right })))
  const reliability = named.length < MIN_FOR_SHARE ? [] : reliabilityOf(named, seenSince)
  return {
    trials: trials.length,
    returns: returns.length,
    firstVisits: trials.length - returns.length,
    links: links.length,
    precision: share(sumOf(links), links.length),
    precisionBetween: between(links),
    precisionAtLeast: share(links.length - doubtful, links.length),
    recall: share(sumOf(recalled), returns.length),
    recallBetween: between(recalled),
    falseMergesPer10k: share(10_000 * wrong, trials.length),
    falseMergesPer10kAtMost: share(10_000 * doubtful, trials.length),
    ece: named.length < MIN_FOR_SHARE ? null : calibrationError(reliability, named.length),
    reliability,
  }
}
