import type { Profile, Remembered, SetName } from '@helloagain/recognition/linkage'

/** A profile's row; its sets are text, see {@link toProfileRow}. */
export interface ProfileRow {
  readonly visitorId: string
  readonly siteId: string
  readonly browserFamily: string
  readonly browserMajor: number | null
  readonly osFamily: string
  readonly screenClass: string
  readonly observations: number
  readonly firstSeenAtMs: number
  readonly lastSeenAtMs: number
  readonly holdsProof: boolean
  readonly noveltyDay: number
  readonly noveltyCount: number
  readonly sets: string
  readonly counted: string
}

/**
 * A token with its first and last time, in milliseconds after the profile's first. What is left out from the end is the
 * profile's own; a token alone was seen from its first visit to its last, as most are.
 */
type Packed = string | readonly [token: string, firstMs: number] | readonly [string, number, number]

type Span = Pick<Profile, 'firstSeenAtMs' | 'lastSeenAtMs'>

function pack({ token, firstSeenAtMs, lastSeenAtMs }: Remembered, span: Span): Packed {
  const firstMs = firstSeenAtMs - span.firstSeenAtMs
  if (lastSeenAtMs !== span.lastSeenAtMs) return [token, firstMs, lastSeenAtMs - span.firstSeenAtMs]
  return firstMs === 0 ? token : [token, firstMs]
}

function unpack(packed: Packed, { firstSeenAtMs, lastSeenAtMs }: Span): Remembered {
  if (typeof packed === 'string') return { token: packed, firstSeenAtMs, lastSeenAtMs }
  const [token, firstMs, lastMs] = packed
  return {
    token,
    firstSeenAtMs: firstSeenAtMs + firstMs,
    lastSeenAtMs: lastMs === undefined ? lastSeenAtMs : firstSeenAtMs + lastMs,
  }
}

/** The count keys are kept apart: only who changes a profile reads them. */
export function toProfileRow(siteId: string, { sets, ...profile }: Profile): ProfileRow {
  const { composites = [], ...signals } = sets
  const packAll = (set: readonly Remembered[]) => set.map((remembered) => pack(remembered, profile))
  const packed = Object.entries(signals).map(([name, set]) => [name, packAll(set)])
  return {
    ...profile,
    siteId,
    sets: JSON.stringify(Object.fromEntries(packed)),
    counted: JSON.stringify(packAll(composites)),
  }
}

/** @param row without `counted`: without count keys */
export function toProfile({
  siteId: _,
  sets: text,
  counted,
  ...rest
}: Omit<ProfileRow, 'counted'> & { readonly counted?: string }): Profile {
  // Only toProfileRow writes it.
  const packed = JSON.parse(text) as Record<SetName, Packed[]>
  const sets: Partial<Record<SetName, readonly Remembered[]>> = {}
  for (const name in packed) sets[name as SetName] = packed[name as SetName].map((one) => unpack(one, rest))
  if (counted !== undefined) sets.composites = countedOf(rest, counted)
  return { ...rest, sets }
}

/** The count keys of a row's profile. */
const countedOf = (span: Span, counted: string): Remembered[] =>
  (JSON.parse(counted) as Packed[]).map((one) => unpack(one, span))

/** The count keys a profile stands under, of its row alone. */
export const countKeysOf = (counted: string): string[] =>
  (JSON.parse(counted) as Packed[]).map((one) => (typeof one === 'string' ? one : one[0]))
