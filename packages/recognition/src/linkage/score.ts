import type { Figures } from './figures.ts'
import { type Kinships, kinships } from './kinship.ts'
import type { Prepared } from './prepared.ts'
import { agreesAsFar, type Weighed, weigh } from './weigh.ts'

/** The posterior, before calibration; all sum to one. */
export interface Posterior {
  /** By candidate, in order. */
  readonly candidates: readonly number[]
  readonly someoneNew: number
  /** A known visitor that was not listed. */
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
  const joined = handOn(weighed, masses, same)
  const unlisted = massOfUnlisted(prepared, masses)
  const sum = joined.reduce((total, mass) => total + mass, 1 + unlisted)
  return { candidates: joined.map((mass) => mass / sum), someoneNew: 1 / sum, unlisted: unlisted / sum }
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
    const kin = same.get(at)?.get(index) ?? same.get(index)?.get(at) ?? 0
    if (kin > 0.5) doubt = Math.max(doubt, 1 - kin)
    else others += 1 - kin
  })
  return others + doubt + ((facets & seenFacets) === seenFacets ? unlistedTwins(prepared) : 0)
}

/** Visitors that hold all that is seen, and were not loaded. */
function unlistedTwins({ candidates, seenFacets, wholeHolders }: Prepared): number {
  let listed = 0
  for (const candidate of candidates) if (agreesAsFar(candidate, seenFacets)) listed++
  return Math.max(0, wholeHolders - listed)
}

/** What an older visitor hands on to the younger one it probably is; both named alike, the younger is the browser now. */
function handOn(weighed: readonly Weighed[], masses: readonly number[], same: Kinships): number[] {
  const joined = [...masses]
  const oldestFirst = [...same.keys()].sort(
    (left, right) => (weighed[right]?.candidate.ageDays ?? 0) - (weighed[left]?.candidate.ageDays ?? 0),
  )
  for (const older of oldestFirst) {
    let heir = -1
    let most = 0
    for (const [younger, probability] of same.get(older) ?? []) {
      if (probability > most) [heir, most] = [younger, probability]
    }
    if (heir < 0) continue
    const share = most * (joined[older] ?? 0)
    joined[older] = (joined[older] ?? 0) - share
    joined[heir] = (joined[heir] ?? 0) + share
  }
  return joined
}

/** Known visitors that look the same and were not loaded weigh as much as the best that was. */
function massOfUnlisted(prepared: Prepared, masses: readonly number[]): number {
  return prepared.isTruncated ? Math.max(0, ...masses) * unlistedTwins(prepared) : 0
}
