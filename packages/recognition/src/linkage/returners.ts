import type { Figures } from './figures.ts'
import type { Tallies } from './types.ts'

/** Visits the start value is worth. */
const START_VISITS = 30
/** Bounds: a site without any returner, or without any newcomer, is not believed in. */
const LEAST = 0.02
const MOST = 0.98

/** A site's share of returners changes as it grows, so it is counted apart for each doubling of its visitors. */
const sizeOf = (visitors: number) => Math.floor(2 * Math.log2(visitors + 1))

/** Where key and cookie tell, returners among all visits. */
export const LABELLED_RETURNERS = 'returners|labelled'

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
  const kind = at.knowsProof ? 'proofless' : 'blind'
  const share = (name: string, start: number) => {
    const { hits, total } = at.tallies.get(name) ?? { hits: 0, total: 0 }
    return (hits / 1000 + START_VISITS * start) / (total / 1000 + START_VISITS)
  }
  const labelled = at.knowsProof ? at.figures.returners : share(LABELLED_RETURNERS, at.figures.returners)
  const before = share(`returners|${kind}|${size - 1}`, labelled)
  return Math.min(MOST, Math.max(LEAST, share(`returners|${kind}|${size}`, before)))
}
