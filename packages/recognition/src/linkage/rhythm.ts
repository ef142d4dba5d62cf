import type { Figures } from './figures.ts'
import { GAP_MIDDLES_DAYS, GAP_WIDTHS_DAYS } from './gaps.ts'
import type { Tallies } from './types.ts'

/** Returns the start figures are worth. */
const START_RETURNS = 40
/** A return counts so much in the tallies: they are whole numbers, and most returns are only likely. */
export const WHOLE_RETURN = 100

export const rhythmTally = (bucket: number): string => `gap|${bucket}`

/** Bounds of what a visiting rhythm may say. */
const LEAST_RATE = 0.01
const MOST_RATE = 10

/** How often a site's visitors come. */
export interface Rhythm {
  readonly meanGapDays: number
  /** By gap bucket: visits a day of one visitor so long after its last. */
  readonly densities: readonly number[]
  /** By gap bucket: how likely it comes just then if it has not come before, against the mean. */
  readonly rates: readonly number[]
  /** By gap bucket: share of returns that take longer. */
  readonly ahead: readonly number[]
}

/** What the spread of gaps over the buckets comes to. */
export function readRhythm(gaps: readonly number[]): Rhythm {
  const meanGapDays = gaps.reduce((sum, share, at) => sum + share * (GAP_MIDDLES_DAYS[at] ?? 0), 0)
  const densities = gaps.map((share, at) => share / (GAP_WIDTHS_DAYS[at] ?? 1))
  // Half of a bucket itself still lies ahead.
  const ahead = gaps.map((own, bucket) => gaps.slice(bucket + 1).reduce((sum, share) => sum + share, own / 2))
  const rates = densities.map((density, at) =>
    Math.min(MOST_RATE, Math.max(LEAST_RATE, (density / Math.max(ahead[at] ?? 0, 1e-6)) * meanGapDays)),
  )
  return { meanGapDays, densities, rates, ahead }
}

/** How the gaps between a visitor's visits are spread over the buckets on this site; sums to one. */
export function rhythmOf(tallies: Tallies, { gaps }: Pick<Figures, 'gaps'>): number[] {
  const counted = gaps.map((_, bucket) => (tallies.get(rhythmTally(bucket))?.hits ?? 0) / WHOLE_RETURN)
  const total = counted.reduce((sum, count) => sum + count, 0)
  return gaps.map(
    (share, bucket) => ((counted[bucket] ?? 0) + START_RETURNS * share) / (total + START_RETURNS),
  )
}
