import type { Figures } from './figures.ts'
import { GAP_MIDDLES_DAYS, GAP_WIDTHS_DAYS, gapBucket } from './gaps.ts'

/** Bounds of what a visiting rhythm may say. */
const LEAST_RATE = 0.03
const MOST_RATE = 10

export interface Absence {
  readonly gapDays: number
  readonly holdsProof: boolean
}

/**
 * How likely a visitor comes just now, 1 being the mean visitor: by the time since it was last seen and, if it holds
 * cookie or key and came without, by the chance that both were lost.
 *
 * @param knowsProof whether cookie and key were looked for
 */
export function comingBack({ gapDays, holdsProof }: Absence, knowsProof: boolean, figures: Figures): number {
  const rate = returnRate(gapDays, figures)
  if (!knowsProof) return rate
  const { proofLossPerYear, proofLossAtOnce, lostByHolders } = figures
  if (!holdsProof) return rate * 2 * (1 - lostByHolders)
  const lost = (days: number) => 1 - Math.exp((-proofLossPerYear * days) / 365) + proofLossAtOnce
  return (rate * 2 * lostByHolders * lost(gapDays)) / lost(meanGapDays(figures))
}

export function meanGapDays({ gaps }: Figures): number {
  let mean = 0
  gaps.forEach((share, at) => {
    mean += share * (GAP_MIDDLES_DAYS[at] ?? 0)
  })
  return mean
}

/** Visits a day of one visitor so many days after its last. */
export const gapDensity = (gapDays: number, { gaps }: Figures): number => {
  const bucket = gapBucket(gapDays)
  return (gaps[bucket] ?? 0) / (GAP_WIDTHS_DAYS[bucket] ?? 1)
}

/** Hazard of a return after so many days, against the mean one. */
function returnRate(gapDays: number, figures: Figures): number {
  const bucket = gapBucket(gapDays)
  let left = 0
  figures.gaps.forEach((share, at) => {
    // Half of the bucket itself still lies ahead.
    if (at >= bucket) left += at === bucket ? share / 2 : share
  })
  const rate = (gapDensity(gapDays, figures) / Math.max(left, 1e-6)) * meanGapDays(figures)
  return Math.min(MOST_RATE, Math.max(LEAST_RATE, rate))
}
