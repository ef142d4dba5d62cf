import type { Comparison } from './compare.ts'

/** A candidate in numbers. */
export interface PreparedCandidate extends Comparison {
  /** Days since it was last, and first, seen. */
  readonly gapDays: number
  readonly ageDays: number
  /** Visits kept under it. */
  readonly observations: number
  readonly holdsProof: boolean
  /** Others expected to agree as far as this one by chance. */
  readonly byChance: number
}

/** A decision in numbers: plain JSON without tokens and ids, so that other weights can be tried on it later. */
export interface Prepared {
  readonly osFamily: string
  readonly browserFamily: string
  readonly visitors: number
  /** Share of returners among visits, as the site's visits have it. */
  readonly returners: number
  /** How gaps between visits are spread over the buckets, as the site's visits have it. */
  readonly gaps: readonly number[]
  readonly knowsProof: boolean
  readonly contradictions: number
  readonly observationConfidence: number
  /** Facets that were seen, by bit. */
  readonly seenFacets: number
  /** Visitors that hold all of this at once, whether or not they are listed. */
  readonly wholeHolders: number
  readonly isTruncated: boolean
  readonly candidates: readonly PreparedCandidate[]
}
