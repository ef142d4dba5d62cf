const FIRST_DELAY_MS = 1000
const LONGEST_DELAY_MS = 300_000

/**
 * Milliseconds to wait before the next try, 1 at least: a random share of a pause that doubles from one second to five
 * minutes, so that the clients of a site that was down do not come back all at once.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ full jitter
 * @param failures tries that failed so far, from 1
 */
export function computeBackoffMs(failures: number, random: () => number): number {
  const ceiling = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS)
  return Math.ceil(ceiling * random()) || 1
}
