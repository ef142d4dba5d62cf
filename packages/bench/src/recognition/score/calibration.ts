import type { Answer } from './judge.ts'

/** Answers of about the same probability, and how often they were right. */
export interface ReliabilityBin {
  readonly count: number
  /** 0–1, what they said on average. */
  readonly claimed: number
  /** 0–1, how many were right. */
  readonly found: number
}

export const BINS = 15

function toBin(answers: readonly Answer[]): ReliabilityBin {
  const count = answers.length
  return {
    count,
    claimed: answers.reduce((sum, { probability }) => sum + probability, 0) / count,
    found: answers.filter(({ isRight }) => isRight).length / count,
  }
}

/** As many answers in every bin, least sure first; fewer bins where there are fewer answers. */
export function equalMassBins(answers: readonly Answer[], bins = BINS): ReliabilityBin[] {
  const sorted = [...answers].sort((left, right) => left.probability - right.probability)
  const edge = (index: number) => Math.round((index * sorted.length) / bins)
  return Array.from({ length: bins }, (_, index) => sorted.slice(edge(index), edge(index + 1)))
    .filter(({ length }) => length > 0)
    .map(toBin)
}

/** Bins of equal width over 0–1 as in Guo et al., ICML 2017; empty ones left out. */
export function equalWidthBins(answers: readonly Answer[], bins = BINS): ReliabilityBin[] {
  const piles: Answer[][] = Array.from({ length: bins }, () => [])
  for (const answer of answers) {
    piles[Math.min(bins - 1, Math.floor(answer.probability * bins))]?.push(answer)
  }
  return piles.filter(({ length }) => length > 0).map(toBin)
}

/** Expected calibration error: by how much claims miss what was found, weighted by answers. 0 where there are none. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  return bins.reduce((sum, { count, claimed, found }) => sum + (count / total) * Math.abs(claimed - found), 0)
}

/** Mean squared distance between what answers said and what they were (Brier 1950); 0 where there are none. */
export const brierScore = (answers: readonly Answer[]): number =>
  answers.reduce((sum, { probability, isRight }) => sum + (probability - Number(isRight)) ** 2, 0) /
  Math.max(1, answers.length)
