import type { SignalName } from '../signals.ts'
import { changeBits } from './change-bits.ts'
import { FACET_NAMES, FACETS } from './facets.ts'
import type { Figures } from './figures.ts'
import { readFigures } from './read-figures.ts'
import type { Weights } from './types.ts'

/** One signal of a bare pair of observations. */
export interface PairComparison {
  readonly signal: SignalName
  readonly isEqual: boolean
  /** Share of visitors with the value, 0–1; where it is not known, published figures tell. */
  readonly frequency?: number
}

/** A user agent is told whole, versions and all, by who compares two bare ones: days until half have another. */
const VERSION_HALF_LIFE_DAYS = 22
const LEAST_FREQUENCY = 1e-9
/** Bits of agreement in signals of a facet that tell no more than another of it. */
const FURTHER_AGREEMENT = 0.5

/**
 * Bits that two observations are of one browser rather than of two, without a site: what drift says of the changes,
 * and what frequency says of the agreement, a facet's most telling signal whole and its others in part.
 */
export function pairBits(comparison: readonly PairComparison[], gapDays: number, weights: Weights): number {
  const figures = readFigures(weights)
  const isOf = (isEqual: boolean) => (one: PairComparison) => one.isEqual === isEqual
  const known = comparison.filter(isOf(true))
  // With another version the whole user agent is another: that is told once, as a version.
  const isUpdated = comparison.some(({ signal, isEqual }) => signal === 'browserMajor' && !isEqual)
  const changed = comparison
    .filter(isOf(false))
    .map(({ signal }) => signal)
    .filter((signal) => signal !== 'browserMajor' && !(isUpdated && signal === 'userAgent'))
  const stay = 2 ** -(gapDays / VERSION_HALF_LIFE_DAYS)
  return (
    changeBits({ known: known.map(({ signal }) => signal), changed, gapDays }, figures) +
    agreementBits(known, figures) +
    (isUpdated ? Math.log2(Math.max(0.05, 1 - stay)) : 0)
  )
}

function agreementBits(known: readonly PairComparison[], figures: Figures): number {
  let bits = 0
  for (const facet of FACET_NAMES) {
    const told = known
      .filter(({ signal }) => FACETS[facet].includes(signal))
      .map(({ signal, frequency }) => {
        const share = frequency ?? figures.coincidence[signal] ?? 2 ** -figures.bits[facet]
        return -Math.log2(Math.max(LEAST_FREQUENCY, share))
      })
      .sort((left, right) => right - left)
    told.forEach((of, at) => {
      bits += at === 0 ? of : FURTHER_AGREEMENT * of
    })
  }
  return bits
}
