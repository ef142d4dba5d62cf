import type { Figures } from './figures.ts'
import { type Kinships, kinships } from './kinship.ts'
import type { Prepared } from './prepared.ts'
import type { Rhythm } from './rhythm.ts'
import { comesAsTwo } from './strangers.ts'
import { agreesAsFar, type Weighed, weigh } from './weigh.ts'

/** The posterior, before calibration. Shares, someone new and the unlisted sum to one. */
export interface Posterior {
  /** By candidate, in order: that naming it is right, as it or as an earlier visitor of the same browser. */
  readonly candidates: readonly number[]
  /** By candidate: that it is this very one. */
  readonly shares: readonly number[]
  readonly same: Kinships
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
  const same = kinships(weighing)
  const masses = weighed.map(({ candidate, bits, strangers }, at) => {
    const odds = oddsOfReturn(candidate, candidate.gapDays)
    return (odds * 2 ** bits) / (strangers + othersAlike(prepared, at, same))
  })
  const before = weighed.map((one) => cameBefore(one, weighing.rhythm))
  const own = masses.map((mass, at) => mass / (1 + (before[at] ?? 0)))
  const took = masses.reduce((total, mass, at) => total + mass - (own[at] ?? 0), 0)
  const unlisted = massOfUnlisted(prepared, masses) + took
  const sum = own.reduce((total, mass) => total + mass, 1 + unlisted)
  const shares = own.map((mass) => mass / sum)
  const candidates = [...shares]
  // Where two visitors are one browser, naming either is right.
  for (const [older, row] of same) {
    for (const [younger, probability] of row) {
      candidates[older] = (candidates[older] ?? 0) + probability * (shares[younger] ?? 0)
      candidates[younger] = (candidates[younger] ?? 0) + probability * (shares[older] ?? 0)
    }
  }
  return { candidates, shares, same, someoneNew: 1 / sum, unlisted: unlisted / sum }
}

/**
 * Other visitors that agree at least as far. Of those that are probably the same browser once more the doubt counts
 * once: if one of them is somebody else, they all are.
 */
function othersAlike(prepared: Prepared, at: number, same: Kinships): number {
  const { candidates, seenFacets } = prepared
  const facets = candidates[at]?.facets ?? 0
  let others = 0
  let doubt = 0
  candidates.forEach((other, index) => {
    if (index === at || !agreesAsFar(other, facets)) return
    const kin = kinOf(same, at, index)
    if (kin > 0.5) doubt = Math.max(doubt, 1 - kin)
    else others += 1 - kin
  })
  return others + doubt + ((facets & seenFacets) === seenFacets ? unlistedTwins(prepared) : 0)
}

/**
 * Strangers who look alike and came before, taken for the candidate or for one that may be it: not how many newcomers
 * there are now tells, but how many came since. Of the visits only the very first is certainly its own.
 */
function cameBefore({ strangers, history }: Weighed, rhythm: Rhythm): number {
  return (strangers * (history.visits - 1) * comesAsTwo(history, rhythm)) / Math.max(1, history.visits)
}

/** Visitors that hold all that is seen, and were not loaded. */
function unlistedTwins({ candidates, seenFacets, wholeHolders }: Prepared): number {
  let listed = 0
  for (const candidate of candidates) if (agreesAsFar(candidate, seenFacets)) listed++
  return Math.max(0, wholeHolders - listed)
}

/** How probably two candidates are one browser, whichever is the older. */
export const kinOf = (same: Kinships, at: number, other: number): number =>
  same.get(at)?.get(other) ?? same.get(other)?.get(at) ?? 0

/** Known visitors that look the same and were not loaded weigh as much as the best that was. */
function massOfUnlisted(prepared: Prepared, masses: readonly number[]): number {
  return prepared.isTruncated ? Math.max(0, ...masses) * unlistedTwins(prepared) : 0
}
