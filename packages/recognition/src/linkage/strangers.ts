import type { Figures } from './figures.ts'
import { gapBucket } from './gaps.ts'
import type { Prepared, PreparedCandidate } from './prepared.ts'
import type { Rhythm } from './rhythm.ts'

/** Bounds of what a history of visits may say for or against a fleet, in natural logarithms. */
const MOST_EVIDENCE = 14
const MOST_OF_TWO = Math.log(4)

/** Buckets of how many agree by chance: below 2^-12, 2^-9, 2^-6, 2^-3, 1, above. */
const twinBucket = (byChance: number): number =>
  Math.max(0, Math.min(5, Math.floor(Math.log2(byChance) / 3) + 5))

/** Strangers who look the same, as the start figures have it. */
function twinsExpected(osFamily: string, byChance: number, { twins }: Pick<Figures, 'twins'>): number {
  return (twins[osFamily] ?? twins['other'] ?? [])[twinBucket(byChance)] ?? 1
}

/** Visits that agree as far as a candidate does, and over how many days they came. */
export interface History {
  readonly visits: number
  readonly days: number
  readonly gapDays: number
}

/**
 * How many strangers of a site's size would look as much like this candidate, were none known that does: as many as
 * chance, and what was found on sites, let expect, and the machines of a fleet it may belong to.
 */
export function strangersAlike(
  { osFamily, visitors }: Pick<Prepared, 'osFamily' | 'visitors'>,
  { byChance, history }: Pick<PreparedCandidate, 'byChance'> & { readonly history: History },
  { figures, rhythm }: { readonly figures: Figures; readonly rhythm: Rhythm },
): number {
  const { fleetSize } = figures
  const scale = figures.twinScale[osFamily] ?? 1
  const mates = fleetmates(history, rhythm, { share: figures.fleets[osFamily] ?? 0, fleetSize })
  // A site sees no more machines of a fleet than it has visitors.
  return scale * twinsExpected(osFamily, byChance, figures) + mates * Math.min(1, visitors / fleetSize)
}

/**
 * How well visits fit two browsers that look alike, against one: twice as many are expected in the same time. Bounded,
 * since some people simply come more often.
 */
export function comesAsTwo(
  { visits, days }: Pick<History, 'days' | 'visits'>,
  { meanGapDays }: Rhythm,
): number {
  const evidence = Math.max(0, visits - 1) * Math.LN2 - days / meanGapDays
  return Math.exp(Math.max(-MOST_OF_TWO, Math.min(Math.LN2, evidence)))
}

/**
 * Machines of a fleet expected beside the candidate. Identical machines give themselves away by coming more often
 * than one browser does: a quiet time speaks against a fleet, visits in quick succession for it.
 */
function fleetmates(
  { visits, days, gapDays }: History,
  rhythm: Rhythm,
  { share, fleetSize }: { readonly share: number; readonly fleetSize: number },
): number {
  const perDay = fleetSize / rhythm.meanGapDays
  const between = Math.max(0, visits - 1)
  const meanGap = between === 0 ? 0 : Math.max(0, days - gapDays) / between
  const density = rhythm.densities[gapBucket(meanGap)] ?? 1
  let evidence = between * (Math.log(perDay / density) - perDay * meanGap)
  // Nobody of it came since.
  evidence -= perDay * gapDays
  const odds = (share / (1 - share)) * Math.exp(Math.max(-MOST_EVIDENCE, Math.min(MOST_EVIDENCE, evidence)))
  return (fleetSize * odds) / (1 + odds)
}
