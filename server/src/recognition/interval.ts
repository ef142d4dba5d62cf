/** Lowest and highest, 0–1. */
export type Interval = [least: number, most: number]

/** One case of a share. */
interface Case {
  /** Whose it is: what one visitor's visits come to is much alike. */
  readonly of: string
  /** 0–1: how much of it counts. */
  readonly share: number
}

/** Of a normal distribution, 95 % lie so many standard errors about the mean. */
const Z = 1.96

/**
 * Where a share lies with 95 %: Wilson's interval (1927), as for so many independent cases as these are worth (Kish's
 * design effect, from how the sums of visitors spread); with no spread, as for one case a visitor.
 */
export function shareBetween(cases: readonly Case[]): Interval {
  const total = cases.length
  const mean = cases.reduce((sum, { share }) => sum + share, 0) / total
  const visitors = Map.groupBy(cases, ({ of }) => of)
  let spread = 0
  for (const own of visitors.values()) spread += own.reduce((sum, { share }) => sum + share - mean, 0) ** 2
  const worth = spread > 0 ? Math.min(total, (mean * (1 - mean) * total ** 2) / spread) : visitors.size
  const middle = (mean + Z ** 2 / (2 * worth)) / (1 + Z ** 2 / worth)
  const half = (Z / (1 + Z ** 2 / worth)) * Math.sqrt((mean * (1 - mean)) / worth + Z ** 2 / (4 * worth ** 2))
  return [Math.max(0, middle - half), Math.min(1, middle + half)]
}
