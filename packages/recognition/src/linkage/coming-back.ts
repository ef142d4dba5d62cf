import type { Figures } from './figures.ts'
import { gapBucket } from './gaps.ts'
import type { Rhythm } from './rhythm.ts'

export interface Absence {
  readonly gapDays: number
  readonly holdsProof: boolean
}

/** What a return hangs on, on this site. */
export interface Habits {
  readonly rhythm: Rhythm
  /** Key and cookie were looked for. */
  readonly knowsProof: boolean
  readonly figures: Figures
}

/**
 * How likely a visitor comes just now, 1 being the mean visitor: by the time since it was last seen and, if it holds
 * cookie or key and came without, by the chance that both were lost.
 */
export function comingBack(
  { gapDays, holdsProof }: Absence,
  { rhythm, knowsProof, figures }: Habits,
): number {
  const rate = rhythm.rates[gapBucket(gapDays)] ?? 1
  if (!knowsProof) return rate
  const { proofLossPerYear, proofLossAtOnce, lostByHolders } = figures
  if (!holdsProof) return rate * 2 * (1 - lostByHolders)
  const lost = (days: number) => 1 - Math.exp((-proofLossPerYear * days) / 365) + proofLossAtOnce
  return (rate * 2 * lostByHolders * lost(gapDays)) / lost(rhythm.meanGapDays)
}
