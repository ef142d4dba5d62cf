import type { SignalName } from '../signals.ts'
import { FACET_NAMES, FACETS } from './facets.ts'
import { onceEach } from './once-each.ts'
import type { Observed, Profile, Remembered } from './types.ts'

/** An observation held against what is remembered of one visitor. Plain JSON, without tokens. */
export interface Comparison {
  /** Signals whose value was seen at this visitor before. */
  readonly known: readonly SignalName[]
  readonly changed: readonly SignalName[]
  /** Facets all of whose compared signals are known; bit by {@link facetBit}. */
  readonly facets: number
  /** Majors the browser has risen by; negative: fallen; null: not told. */
  readonly rise: number | null
  /** Another browser family or system: no update makes one of the other. */
  readonly isOtherKind: boolean
}

export const facetBit = (at: number): number => 1 << at

interface Seen {
  readonly signal: SignalName
  readonly token: string
}

/** By facet, what was seen. */
const seenByFacet = onceEach(({ tokens }) =>
  FACET_NAMES.map((facet, at) => ({
    bit: facetBit(at),
    seen: FACETS[facet].flatMap((signal): Seen[] => {
      const token = tokens[signal]
      return token === undefined ? [] : [{ signal, token }]
    }),
  })),
)

/** What is missing on either side, or noise, is not compared. */
export function compare(observed: Observed, profile: Profile): Comparison {
  const known: SignalName[] = []
  const changed: SignalName[] = []
  let facets = 0
  for (const { bit, seen } of seenByFacet(observed)) {
    if (sortInto({ known, changed }, seen, profile)) facets |= bit
  }
  return {
    known,
    changed,
    facets,
    rise: riseOf(observed, profile),
    isOtherKind: isOtherKind(observed, profile),
  }
}

/** Adds a facet's signals; true when some are known and none changed. */
function sortInto(
  { known, changed }: { readonly known: SignalName[]; readonly changed: SignalName[] },
  seen: readonly Seen[],
  { sets }: Profile,
): boolean {
  const [knownBefore, changedBefore] = [known.length, changed.length]
  for (const { signal, token } of seen) {
    const isKnown = holds(sets[signal], token)
    if (isKnown !== undefined) (isKnown ? known : changed).push(signal)
  }
  return known.length > knownBefore && changed.length === changedBefore
}

/** Undefined: nothing is remembered. */
function holds(remembered: readonly Remembered[] | undefined, token: string): boolean | undefined {
  if (remembered === undefined || remembered.length === 0) return undefined
  for (const one of remembered) if (one.token === token) return true
  return false
}

const riseOf = (observed: Observed, profile: Profile) =>
  observed.browserMajor === null || profile.browserMajor === null
    ? null
    : observed.browserMajor - profile.browserMajor

const differs = (left: string, right: string) => left !== right && left !== 'other' && right !== 'other'

const isOtherKind = (observed: Observed, profile: Profile) =>
  differs(observed.browserFamily, profile.browserFamily) || differs(observed.osFamily, profile.osFamily)
