import { expectedByChance } from './chance.ts'
import { compare, facetBit } from './compare.ts'
import { FACET_NAMES } from './facets.ts'
import type { Figures } from './figures.ts'
import { DAY_MS } from './gaps.ts'
import { countAgain, kinships } from './kinship.ts'
import { countKeys } from './plan-lookup.ts'
import type { Prepared, PreparedCandidate } from './prepared.ts'
import { readFigures } from './read-figures.ts'
import { returnersAmong } from './returners.ts'
import { rhythmOf } from './rhythm.ts'
import type { DecisionInput, Profile } from './types.ts'
import { weigh } from './weigh.ts'

/** Brings a decision's input into numbers, candidates in their order. */
export function prepare(input: DecisionInput): Prepared {
  const { observed, knowledge } = input
  const keys = countKeys(observed)
  const figures = readFigures(knowledge.weights)
  const compared = input.candidates.map((profile) => toCandidate(profile, input))
  const withChances = (copies: readonly number[]): PreparedCandidate[] =>
    compared.map((candidate, at) => ({
      ...candidate,
      byChance: expectedByChance(candidate, {
        ...{ keys, figures, counts: knowledge.counts, again: copies[at] ?? 0 },
      }),
    }))
  const first = { ...describe(input, figures), candidates: withChances([]) }
  // Whoever was not recognised stands on the site twice, and would seem commoner for it.
  const again = countAgain(kinships(weigh(first, figures), first, figures), compared.length)
  return { ...first, candidates: withChances(again) }
}

function toCandidate(
  profile: Profile,
  { observed, atMs }: Pick<DecisionInput, 'atMs' | 'observed'>,
): Omit<PreparedCandidate, 'byChance'> {
  return {
    ...compare(observed, profile),
    gapDays: Math.max(0, atMs - profile.lastSeenAtMs) / DAY_MS,
    ageDays: Math.max(0, atMs - profile.firstSeenAtMs) / DAY_MS,
    observations: profile.observations,
    holdsProof: profile.holdsProof,
  }
}

function describe(input: DecisionInput, figures: Figures): Omit<Prepared, 'candidates'> {
  const { observed, knowsProof, isTruncated, knowledge } = input
  const { visitors, tallies, counts } = knowledge
  const { whole, within } = countKeys(observed)
  let seenFacets = 0
  FACET_NAMES.forEach((facet, at) => {
    // Like the key of the whole, without the network.
    if (facet !== 'network' && within[facet] !== undefined) seenFacets |= facetBit(at)
  })
  return {
    osFamily: observed.osFamily,
    browserFamily: observed.browserFamily,
    visitors,
    returners: returnersAmong({ knowsProof, visitors, tallies, figures }),
    gaps: rhythmOf(tallies, figures),
    knowsProof,
    contradictions: observed.contradictions,
    observationConfidence: observed.confidence,
    seenFacets,
    wholeHolders: counts.get(whole) ?? 0,
    isTruncated,
  }
}
