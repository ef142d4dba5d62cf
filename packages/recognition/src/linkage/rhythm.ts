import type { Figures } from './figures.ts'
import type { Tallies } from './types.ts'

/** Returns the start figures are worth. */
const START_RETURNS = 40
/** A return counts so much in the tallies: they are whole numbers, and most returns are only likely. */
export const WHOLE_RETURN = 100

export const rhythmTally = (bucket: number): string => `gap|${bucket}`

/** How the gaps between a visitor's visits are spread over the buckets on this site; sums to one. */
export function rhythmOf(tallies: Tallies, { gaps }: Pick<Figures, 'gaps'>): number[] {
  const counted = gaps.map((_, bucket) => (tallies.get(rhythmTally(bucket))?.hits ?? 0) / WHOLE_RETURN)
  const total = counted.reduce((sum, count) => sum + count, 0)
  return gaps.map(
    (share, bucket) => ((counted[bucket] ?? 0) + START_RETURNS * share) / (total + START_RETURNS),
  )
}
