import { type Agreement, expectedByChance } from './chance.ts'
import { compare, facetBit } from './compare.ts'
import { FACET_NAMES } from './facets.ts'
import type { Figures } from './figures.ts'
import { DAY_MS } from './gaps.ts'
import { shareOfOriginals } from './originals.ts'
import { countKeys } from './plan-lookup.ts'
import type { Prepared, PreparedCandidate } from './prepared.ts'
import { readFigures } from './read-figures.ts'
import { returnersAmong } from './returners.ts'
import { rhythmOf } from './rhythm.ts'
import { countAgain, trace } from './successions.ts'
import type { DecisionInput, Profile } from './types.ts'
import { weigh } from './weigh.ts'

/** Less of a copy than this makes no difference. */
const LEAST_COPIES = 0.01

/** Brings a decision's input into numbers, candidates in their order. */
export function prepare(input: DecisionInput): Prepared {
  const { observed, knowledge } = input
  const keys = countKeys(observed)
  const figures = readFigures(knowledge.weights)
  const compared = input.candidates.map((profile) => toCandidate(profile, input))
  const inClass = knowledge.counts.get(keys.inClass) ?? 0
  const originals = shareOfOriginals(observed, inClass, knowledge.tallies)
  const frequencies = { keys, figures, originals, counts: knowledge.counts }
  // Most candidates agree in the same facets, and most are nobody else once more.
  const chances = new Map<string, number>()
  const chanceOf = (candidate: Agreement): number => {
    const where = `${candidate.facets} ${candidate.known.length}`
    const before = chances.get(where)
    if (before !== undefined) return before
    const chance = expectedByChance(candidate, { ...frequencies, again: 0 })
    chances.set(where, chance)
    return chance
  }
  const candidates = compared.map((candidate) => ({ ...candidate, byChance: chanceOf(candidate) }))
  const first: Prepared = { ...describe(input, figures), candidates }
  // Whoever was not recognised stands on the site twice, and would seem commoner for it.
  const copies = countAgain(trace(weigh(first, figures)), compared.length)
  const settle = (candidate: PreparedCandidate, at: number): PreparedCandidate => {
    const again = copies[at] ?? 0
    return again < LEAST_COPIES
      ? candidate
      : { ...candidate, byChance: expectedByChance(candidate, { ...frequencies, again }) }
  }
  return { ...first, candidates: candidates.map(settle) }
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
