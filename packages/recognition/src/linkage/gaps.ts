export const DAY_MS = 86_400_000

/** Upper ends of the gap buckets, in days; the last one is open. */
const GAP_ENDS_DAYS = [0.5, 2, 5, 9, 16, 31] as const
/** A day within each bucket that stands for it. */
export const GAP_MIDDLES_DAYS = [0.2, 1, 3, 7, 12, 22, 45] as const
/** Days each bucket is wide; the open one as wide as tokens may still live. */
export const GAP_WIDTHS_DAYS = [0.5, 1.5, 3, 4, 7, 15, 59] as const

/** Which bucket a gap falls into: 0–6. */
export function gapBucket(days: number): number {
  const at = GAP_ENDS_DAYS.findIndex((end) => days < end)
  return at < 0 ? GAP_ENDS_DAYS.length : at
}
