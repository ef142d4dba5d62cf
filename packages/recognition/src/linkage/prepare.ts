import { expectedByChance } from './chance.ts'
import { type Comparison, compare } from './compare.ts'
import { FACET_NAMES } from './facets.ts'
import { DAY_MS } from './gaps.ts'
import { countKeys } from './plan-lookup.ts'
import { readFigures } from './read-figures.ts'
import { returnersAmong } from './returners.ts'
import type { DecisionInput, Profile } from './types.ts'

/** A candidate in numbers. */
export interface PreparedCandidate extends Comparison {
  /** Days since it was last, and first, seen. */
  readonly gapDays: number
  readonly ageDays: number
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

/** Brings a decision's input into numbers, candidates in their order. */
export function prepare(input: DecisionInput): Prepared {
  const { observed, candidates, knowledge, atMs, knowsProof, isTruncated } = input
  const keys = countKeys(observed)
  const figures = readFigures(knowledge.weights)
  const chances = new Map<number, number>()
  const chanceOf = (facets: number) => {
    const known = chances.get(facets)
    if (known !== undefined) return known
    const chance = expectedByChance(facets, { keys, counts: knowledge.counts, figures })
    chances.set(facets, chance)
    return chance
  }
  const prepareOne = (profile: Profile): PreparedCandidate => {
    const comparison = compare(observed, profile)
    return {
      ...comparison,
      gapDays: Math.max(0, atMs - profile.lastSeenAtMs) / DAY_MS,
      ageDays: Math.max(0, atMs - profile.firstSeenAtMs) / DAY_MS,
      holdsProof: profile.holdsProof,
      byChance: chanceOf(comparison.facets),
    }
  }
  return {
    osFamily: observed.osFamily,
    browserFamily: observed.browserFamily,
    visitors: knowledge.visitors,
    returners: returnersAmong({
      knowsProof,
      visitors: knowledge.visitors,
      tallies: knowledge.tallies,
      figures,
    }),
    knowsProof,
    contradictions: observed.contradictions,
    observationConfidence: observed.confidence,
    seenFacets: FACET_NAMES.reduce(
      (bits, facet, at) => (keys.within[facet] === undefined ? bits : bits | (1 << at)),
      0,
    ),
    wholeHolders: knowledge.counts.get(keys.whole) ?? 0,
    isTruncated,
    candidates: candidates.map(prepareOne),
  }
}
