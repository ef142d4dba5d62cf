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
  /** 0–1: the same, had every answer that is still open been wrong. */
  readonly precisionAtLeast: number | null
  /** 0–1: returns that were rightly linked. */
  readonly recall: number | null
  /** Wrong links among 10,000 trials. */
  readonly falseMergesPer10k: number | null
  /** The same, had every answer that is still open been wrong. */
  readonly falseMergesPer10kAtMost: number | null
  /** 0–1: by how much answers claim more or less than is found, on average. */
  readonly ece: number | null
  readonly reliability: readonly ReliabilityBin[]
}

export interface QualityOptions {
  /** Of all trials, see {@link shareSeenSince}. */
  readonly seenSince: number
  /** Probability from which a fingerprint links, 0–100. */
  readonly linkConfidence: number
}

/** The fewest from which a share says anything: half a width of 95 % is then 7 points at worst. */
export const MIN_FOR_SHARE = 200
/** Guo et al., ICML 2017 use 15. */
const BINS = 15

const isNamed = ({ method }: TrialResult) => method.startsWith('fingerprint_')

/** How often somebody who was here has come again since: so much of what is wrong on first visits shows itself. */
export function shareSeenSince(trials: readonly TrialResult[]): number {
  const returns = trials.filter(({ isReturn }) => isReturn)
  return returns.filter(({ isSeenSince }) => isSeenSince).length / Math.max(1, returns.length)
}

/** Answers on first visits: an open one may yet be right, as the browser may have lost somebody's cookie. */
interface Wrong {
  /** Known to be. */
  readonly known: number
  /** Still open. */
  readonly open: number
  /** Likely, all told. */
  readonly likely: number
}

function countWrong(answers: readonly TrialResult[], seenSince: number): Wrong {
  const wrong = (isReturn: boolean) =>
    answers.filter((trial) => trial.isReturn === isReturn && trial.isRight === false).length
  const open = answers.filter(({ isRight }) => isRight === null).length
  const refuted = wrong(false)
  const onFirstVisits = seenSince > 0 ? Math.min(refuted + open, refuted / seenSince) : refuted + open
  return { known: wrong(true) + refuted, open, likely: wrong(true) + onFirstVisits }
}

function binOf(answers: readonly TrialResult[], seenSince: number): ReliabilityBin {
  const count = answers.length
  const sum = answers.reduce((total, { confidence }) => total + confidence, 0)
  const { likely } = countWrong(answers, seenSince)
  return { answers: count, claimed: sum / (100 * count), found: 1 - likely / count }
}

/** About as many answers in every bin, least sure first; those that are equally sure share one. */
function reliabilityOf(answers: readonly TrialResult[], seenSince: number): ReliabilityBin[] {
  const bins: TrialResult[][] = []
  for (const answer of [...answers].sort((left, right) => left.confidence - right.confidence)) {
    const bin = bins.at(-1)
    const isFull = bin && bin.length * BINS >= answers.length && bin.at(-1)?.confidence !== answer.confidence
    if (bin && !isFull) bin.push(answer)
    else bins.push([answer])
  }
  return bins.map((bin) => binOf(bin, seenSince))
}

/**
 * Reckons the quality of blind answers, best told by those visits whose visitor key or cookie knew.
 *
 * On returns, right and wrong are plain. A first visit on which somebody is named is known to be wrong once that
 * somebody comes back by its own cookie or key. Not everybody comes back: by the share of visitors who have, the known
 * ones stand for all (`likely`); the bounds take each one that is still open for wrong.
 *
 */
export function measureQuality(
  trials: readonly TrialResult[],
  { seenSince, linkConfidence }: QualityOptions,
): Quality {
  const returns = trials.filter(({ isReturn }) => isReturn).length
  const named = trials.filter(isNamed)
  const links = named.filter(({ confidence }) => confidence >= linkConfidence)
  const wrong = countWrong(links, seenSince)
  const rightReturns = links.filter(({ isRight }) => isRight === true).length
  const reliability = named.length < MIN_FOR_SHARE ? [] : reliabilityOf(named, seenSince)
  const share = (part: number, whole: number) => (whole < MIN_FOR_SHARE ? null : part / whole)
  const judged = rightReturns + wrong.likely
  return {
    trials: trials.length,
    returns,
    firstVisits: trials.length - returns,
    links: links.length,
    precision: links.length < MIN_FOR_SHARE ? null : rightReturns / Math.max(1, judged),
    precisionAtLeast: share(links.length - wrong.known - wrong.open, links.length),
    recall: share(rightReturns, returns),
    falseMergesPer10k: share(10_000 * wrong.likely, trials.length),
    falseMergesPer10kAtMost: share(10_000 * (wrong.known + wrong.open), trials.length),
    ece:
      named.length < MIN_FOR_SHARE
        ? null
        : reliability.reduce(
            (sum, { answers, claimed, found }) => sum + (answers / named.length) * Math.abs(claimed - found),
            0,
          ),
    reliability,
  }
}
