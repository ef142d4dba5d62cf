import type { Comparison } from './compare.ts'
import type { Figures } from './figures.ts'

/** A browser that went back: a restored profile or a forged user agent. */
const FALLEN_BITS = -13
/** More majors than this in no time are no update. */
const MOST_BITS_OFF = -6

/** Log2 of how well the major version goes with the time since the browser was last seen. */
export function versionBits(
  { rise, gapDays }: Pick<Comparison, 'rise'> & { readonly gapDays: number },
  browserFamily: string,
  { cadenceDays }: Pick<Figures, 'cadenceDays'>,
): number {
  if (rise === null) return 0
  if (rise < 0) return FALLEN_BITS
  const expected = gapDays / (cadenceDays[browserFamily] ?? cadenceDays['other'] ?? 30)
  // Updates come late and in bursts: a release may wait on either side.
  const off = Math.max(0, Math.abs(rise - expected) - 1)
  return Math.max(MOST_BITS_OFF, -off)
}
