import type { Figures } from './figures.ts'
import type { Tallies } from './types.ts'

/** Visits the start value is worth. */
const START_VISITS = 30
/** Bounds: a site without any returner, or without any newcomer, is not believed in. */
const LEAST = 0.02
const MOST = 0.98

/** A site's share of returners changes as it grows, so it is counted apart for each doubling of its visitors. */
const sizeOf = (visitors: number) => Math.floor(2 * Math.log2(visitors + 1))

/** The tally of returners at a site of this size. */
export const returnersTally = (knowsProof: boolean, visitors: number): string =>
  `returners|${knowsProof ? 'proofless' : 'blind'}|${sizeOf(visitors)}`

/** Share of returners among visits; per mille in the tallies, since a returner is only ever likely. */
export function returnersAmong(at: {
  readonly knowsProof: boolean
  readonly visitors: number
  readonly tallies: Tallies
  readonly figures: Figures
}): number {
  const size = sizeOf(at.visitors)
  const tally = (back: number) =>
    at.tallies.get(`returners|${at.knowsProof ? 'proofless' : 'blind'}|${size - back}`) ?? {
      hits: 0,
      total: 0,
    }
  const before = tally(1)
  const now = tally(0)
  const start =
    (before.hits / 1000 + START_VISITS * at.figures.returners) / (before.total / 1000 + START_VISITS)
  const share = (now.hits / 1000 + START_VISITS * start) / (now.total / 1000 + START_VISITS)
  return Math.min(MOST, Math.max(LEAST, share))
}
