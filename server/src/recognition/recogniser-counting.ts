import type { Profile, TakenIn } from '@helloagain/recognition/linkage'
import { type ProfileRow, toProfileRow } from './profile-codec.ts'

/** Beside the count keys in `token_counts`: how many profiles the site has. */
export const PROFILES_KEY = ''

/** A change to be written. */
export interface Written {
  readonly taken: TakenIn
  /** The visitor had no profile. */
  readonly isNew: boolean
}

/** So finely the time is kept at which a visitor was last seen under a block. */
export const BLOCK_STEP_MS = 3_600_000

/** What a change comes to in rows. */
export interface ProfileRows {
  readonly profile: ProfileRow
  /** Where it is found from now on. */
  readonly blocks: readonly string[]
  /** By count key, in the order in which every writer locks them, how many profiles more or less hold it. */
  readonly deltas: ReadonlyMap<string, number>
}

/** The rows of a change, for the store and for whoever fills a database in bulk. */
export const profileRows = (siteId: string, written: Written): ProfileRows => ({
  profile: toProfileRow(siteId, written.taken.profile),
  blocks: written.taken.blocks,
  deltas: deltasOf(written),
})

function deltasOf({ taken: { gained, lost }, isNew }: Written): Map<string, number> {
  const deltas = new Map<string, number>()
  const add = (key: string, delta: number) => deltas.set(key, (deltas.get(key) ?? 0) + delta)
  if (isNew) add(PROFILES_KEY, 1)
  for (const key of gained) add(key, 1)
  for (const key of lost) add(key, -1)
  return inLockOrder(deltas)
}

/** Sorted, so that two writers never wait for each other in a circle. */
export const inLockOrder = <T>(deltas: ReadonlyMap<string, T>): Map<string, T> =>
  new Map([...deltas].sort(([a], [b]) => (a < b ? -1 : 1)))

/** The last time of whatever was seen longest ago; blocks of before stand for values that are forgotten. */
export function oldestMs({ sets, lastSeenAtMs }: Profile): number {
  const times = Object.values(sets).flatMap((set) => set.map((remembered) => remembered.lastSeenAtMs))
  return Math.min(lastSeenAtMs, ...times)
}
