import { changeBits } from './change-bits.ts'
import type { Figures } from './figures.ts'
import { GAP_MIDDLES_DAYS, GAP_WIDTHS_DAYS, gapBucket } from './gaps.ts'
import type { Prepared, PreparedCandidate } from './prepare.ts'
import { versionBits } from './version-bits.ts'

/** The posterior, before calibration; all sum to one. */
export interface Posterior {
  /** By candidate, in order. */
  readonly candidates: readonly number[]
  readonly someoneNew: number
  /** A known visitor that was not listed. */
  readonly unlisted: number
}

/** How much of the expected number a look at the site's visitors takes away when none of them fits. */
const CHANCE_SHAPE = 1
/** Each contradiction halves belief in what the values say. */
const CONTRADICTION_FACTOR = 0.5

/**
 * Bayes over every candidate and "someone new". A candidate's weight is the chance that it comes now and looks
 * like this; someone new's is the chance that a stranger agrees as far with one of the site's visitors.
 */
export function score(prepared: Prepared, figures: Figures): Posterior {
  const { candidates, returners } = prepared
  const masses = candidates.map((candidate, at) => {
    const others = othersAlike(prepared, at)
    const strangers = strangersAlike(prepared, candidate, { others, figures })
    const odds = (returners / (1 - returners)) * comingBack(candidate, prepared, figures)
    return (odds * 2 ** likelihoodBits(candidate, prepared, figures)) / strangers
  })
  let unlisted = 0
  if (prepared.isTruncated) {
    const best = Math.max(0, ...masses)
    unlisted = best * Math.max(0, prepared.wholeHolders - candidates.length)
  }
  const sum = masses.reduce((total, mass) => total + mass, 1 + unlisted)
  return { candidates: masses.map((mass) => mass / sum), someoneNew: 1 / sum, unlisted: unlisted / sum }
}

/** Log2 of how likely a candidate would look like this, against its last look. */
function likelihoodBits(candidate: PreparedCandidate, prepared: Prepared, figures: Figures): number {
  if (candidate.isOtherKind) return -40
  return (
    changeBits(candidate, figures) +
    versionBits(candidate, prepared.browserFamily, figures) +
    prepared.contradictions * Math.log2(CONTRADICTION_FACTOR)
  )
}

/** Other candidates that agree at least as far. */
function othersAlike({ candidates, wholeHolders, seenFacets }: Prepared, at: number): number {
  const facets = candidates[at]?.facets ?? 0
  let others = 0
  candidates.forEach((other, index) => {
    if (index !== at && (other.facets & facets) === facets && !other.isOtherKind) others++
  })
  return (facets & seenFacets) === seenFacets ? Math.max(others, wholeHolders - 1) : others
}

/** How many newcomers of a site's size would look as much like this candidate. */
function strangersAlike(
  { osFamily }: Prepared,
  { byChance }: PreparedCandidate,
  { others, figures }: { others: number; figures: Figures },
): number {
  const risk = figures.twinRisk[osFamily] ?? figures.twinRisk['other'] ?? 0.1
  return others + risk + (CHANCE_SHAPE * byChance) / (CHANCE_SHAPE + byChance) + byChance * 1e-3
}

/** How likely this one comes now, against any other visitor: by time since last seen, and with proof only after its loss. */
function comingBack(candidate: PreparedCandidate, { knowsProof }: Prepared, figures: Figures): number {
  const rate = returnRate(candidate.gapDays, figures)
  if (!knowsProof || !candidate.holdsProof) return rate
  const lost = 1 - Math.exp((-figures.proofLossPerYear * candidate.gapDays) / 365)
  return rate * (lost + figures.proofLossAtOnce)
}

/** Hazard of a return after so many days, against the mean one. */
function returnRate(gapDays: number, { gaps }: Figures): number {
  const bucket = gapBucket(gapDays)
  let mean = 0
  let left = 0
  gaps.forEach((share, at) => {
    mean += share * (GAP_MIDDLES_DAYS[at] ?? 0)
    if (at >= bucket) left += share
  })
  const hazard = (gaps[bucket] ?? 0) / Math.max(left, 1e-6) / (GAP_WIDTHS_DAYS[bucket] ?? 1)
  return Math.min(20, Math.max(0.05, hazard * mean))
}
