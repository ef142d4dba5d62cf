import type { Remembered } from './types.ts'

/** Moves a value to the front or adds it; the one not seen for the longest goes when there are too many. */
export function remember(
  known: readonly Remembered[],
  token: string,
  { atMs, most }: { readonly atMs: number; readonly most: number },
): Remembered[] {
  const old = known.find((one) => one.token === token)
  const now: Remembered = {
    token,
    firstSeenAtMs: Math.min(old?.firstSeenAtMs ?? atMs, atMs),
    lastSeenAtMs: Math.max(old?.lastSeenAtMs ?? atMs, atMs),
  }
  return [now, ...known.filter((one) => one.token !== token)]
    .sort((left, right) => right.lastSeenAtMs - left.lastSeenAtMs)
    .slice(0, most)
}

/** What was seen since an instant. */
export const keepSince = (known: readonly Remembered[], oldestMs: number): Remembered[] =>
  known.filter(({ lastSeenAtMs }) => lastSeenAtMs > oldestMs)
