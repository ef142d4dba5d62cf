import type { Figures } from './figures.ts'
import type { Prepared } from './prepared.ts'
import type { Rhythm } from './rhythm.ts'
import { comesAsTwo } from './strangers.ts'
import { type Successions, trace } from './successions.ts'
import { agreesAsFar, type Weighed, weigh } from './weigh.ts'

/** The posterior, before calibration. Shares, someone new and the unlisted sum to one. */
export interface Posterior {
  /** By candidate, in order: that naming it is right, as it or as an earlier visitor of the same browser. */
  readonly candidates: readonly number[]
  /** By candidate: that it is this very one. */
  readonly shares: readonly number[]
  readonly same: Successions['same']
  readonly someoneNew: number
  /** A known visitor that was not listed, or was taken for one that is. */
  readonly unlisted: number
}

/**
 * Bayes over every candidate and "someone new". A candidate's weight is the chance that it comes now and looks like
 * this; someone new's, the chance that a stranger agrees as far with one of the site's visitors.
 */
export function score(prepared: Prepared, figures: Figures): Posterior {
  const weighing = weigh(prepared, figures)
  const { weighed, oddsOfReturn } = weighing
  const past = trace(weighing)
  const masses = weighed.map(({ candidate, bits, strangers, pace }, at) => {
    const odds = oddsOfReturn(candidate, candidate.gapDays) * pace * (past.isLast[at] ?? 1)
    return (odds * 2 ** bits) / (strangers + othersAlike(prepared, at, past))
  })
  const before = weighed.map((one) => cameBefore(one, weighing.rhythm))
  const own = masses.map((mass, at) => mass / (1 + (before[at] ?? 0)))
  const took = masses.reduce((total, mass, at) => total + mass - (own[at] ?? 0), 0)
  const unlisted = massOfUnlisted(prepared, masses) + took
  const sum = own.reduce((total, mass) => total + mass, 1 + unlisted)
  const shares = own.map((mass) => mass / sum)
  const candidates = [...shares]
  // Where a visitor is what another came back as, naming either is right.
  for (const [younger, row] of past.same) {
    for (const [older, probability] of row) {
      candidates[older] = (candidates[older] ?? 0) + probability * (shares[younger] ?? 0)
    }
  }
  return { candidates, shares, same: past.same, someoneNew: 1 / sum, unlisted: unlisted / sum }
}

/** Other browsers that agree at least as far: each has one first visitor, and one of them may be this one's own. */
function othersAlike(prepared: Prepared, at: number, { isFirst }: Successions): number {
  const { candidates, seenFacets } = prepared
  const facets = candidates[at]?.facets ?? 0
  let browsers = 0
  let doubt = 0
  candidates.forEach((other, index) => {
    if (!agreesAsFar(other, facets)) return
    const first = isFirst[index] ?? 1
    if (first > 0.5) browsers += first
    else doubt = Math.max(doubt, first)
  })
  const others = Math.max(0, browsers + doubt - 1)
  return others + ((facets & seenFacets) === seenFacets ? unlistedTwins(prepared) : 0)
}

/**
 * Strangers who look alike, came before and were taken for the candidate: not how many newcomers there are now tells,
 * but how many came since. Of its visits only the very first is certainly its own.
 */
function cameBefore({ strangers, candidate }: Weighed, rhythm: Rhythm): number {
  const { observations: visits, ageDays: days, holdsProof } = candidate
  if (holdsProof || visits < 2) return 0
  return (strangers * (visits - 1) * comesAsTwo({ visits, days }, rhythm)) / visits
}

/** Visitors that hold all that is seen, and were not loaded. */
function unlistedTwins({ candidates, seenFacets, wholeHolders }: Prepared): number {
  let listed = 0
  for (const candidate of candidates) if (agreesAsFar(candidate, seenFacets)) listed++
  return Math.max(0, wholeHolders - listed)
}

/** Known visitors that look the same and were not loaded weigh as much as the best that was. */
function massOfUnlisted(prepared: Prepared, masses: readonly number[]): number {
  return prepared.isTruncated ? Math.max(0, ...masses) * unlistedTwins(prepared) : 0
}
