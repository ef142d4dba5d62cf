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

/** A token that is alone, and was there all the time, stands for its set: so do most, and that halves the reading. */
type PackedSet = string | readonly Packed[]

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

const packAll = (set: readonly Remembered[], span: Span): readonly Packed[] =>
  set.map((remembered) => pack(remembered, span))

function packSet(set: readonly Remembered[], span: Span): PackedSet {
  const packed = packAll(set, span)
  const [first] = packed
  return packed.length === 1 && typeof first === 'string' ? first : packed
}

const unpackSet = (packed: PackedSet, span: Span): Remembered[] =>
  typeof packed === 'string' ? [unpack(packed, span)] : packed.map((one) => unpack(one, span))

/** The count keys are kept apart: only who changes a profile reads them. */
export function toProfileRow(siteId: string, { sets, ...profile }: Profile): ProfileRow {
  const { composites = [], ...signals } = sets
  const packed = Object.entries(signals).map(([name, set]) => [name, packSet(set, profile)])
  return {
    ...profile,
    siteId,
    sets: JSON.stringify(Object.fromEntries(packed)),
    counted: JSON.stringify(packAll(composites, profile)),
  }
}

/** What is read of a row: of one site, and by most without the count keys. */
export type ReadRow = Omit<ProfileRow, 'counted' | 'siteId'> & Partial<Pick<ProfileRow, 'counted'>>

export function toProfile({ sets: text, counted, ...rest }: ReadRow): Profile {
  // Only toProfileRow writes it.
  const packed = JSON.parse(text) as Record<SetName, PackedSet>
  const sets: Partial<Record<SetName, readonly Remembered[]>> = {}
  for (const name in packed) sets[name as SetName] = unpackSet(packed[name as SetName], rest)
  if (counted !== undefined) sets.composites = countedOf(rest, counted)
  return { ...rest, sets }
}

/** The count keys of a row's profile. */
const countedOf = (span: Span, counted: string): Remembered[] =>
  (JSON.parse(counted) as Packed[]).map((one) => unpack(one, span))

/** The count keys a profile stands under, of its row alone. */
export const countKeysOf = (counted: string): string[] =>
  (JSON.parse(counted) as Packed[]).map((one) => (typeof one === 'string' ? one : one[0]))
