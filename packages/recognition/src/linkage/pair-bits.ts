import type { SignalName } from '../signals.ts'
import { changeBits } from './change-bits.ts'
import { FACET_NAMES, FACETS } from './facets.ts'
import { readFigures } from './read-figures.ts'
import type { Weights } from './types.ts'

/** One signal of a bare pair of observations. */
export interface PairComparison {
  readonly signal: SignalName
  readonly isEqual: boolean
  /** Share of visitors with the value, 0–1; where it is not known, the published bits tell. */
  readonly frequency?: number
}

/** Bits that two observations are of one browser rather than of two; what a decision counts, without a site. */
export function pairBits(comparison: readonly PairComparison[], gapDays: number, weights: Weights): number {
  const figures = readFigures(weights)
  const known = comparison.filter(({ isEqual }) => isEqual)
  const changed = comparison.filter(({ isEqual }) => !isEqual)
  let bits = changeBits(
    {
      known: known.map(({ signal }) => signal),
      changed: changed.map(({ signal }) => signal),
      gapDays,
    },
    figures,
  )
  for (const facet of FACET_NAMES) {
    const isOf = ({ signal }: PairComparison) => FACETS[facet].includes(signal)
    if (!known.some(isOf)) continue
    const frequencies = known.filter(isOf).map(({ frequency }) => frequency ?? 2 ** -figures.bits[facet])
    bits -= figures.independence[facet] * Math.log2(Math.max(1e-9, Math.min(...frequencies)))
  }
  return bits
}
