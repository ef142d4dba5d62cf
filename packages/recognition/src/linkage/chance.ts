import { getSignal, type SignalName } from '../signals.ts'
import { type Comparison, facetBit } from './compare.ts'
import { FACET_NAMES, FACETS, type Facet } from './facets.ts'
import type { Figures } from './figures.ts'
import { BESIDE_HARDWARE, type CountKeys } from './plan-lookup.ts'

/** How much the class's own share weighs against what was seen beside the same hardware, in visitors. */
const CLASS_WEIGHT = 2
/** How much the published share weighs against what was seen within the class, in visitors. */
const PUBLISHED_WEIGHT = 20

/** Share of a facet's bits that the others leave, where the hardware is another. */
const INDEPENDENCE_ELSEWHERE = 0.9

/** Where a candidate agrees. */
export type Agreement = Pick<Comparison, 'facets' | 'known'>

export interface ChanceInput {
  readonly keys: CountKeys
  readonly counts: ReadonlyMap<string, number>
  readonly figures: Figures
  /** Visitors that may be the candidate itself once more: it was not recognised then. */
  readonly again: number
  /** Share of the visitors that are browsers of their own. */
  readonly originals: number
}

/**
 * How many visitors beside the candidate would show these facets by chance, as the frequencies on the site tell:
 * hardware within its class, every other facet beside that hardware and, where that was seen too seldom, within the
 * class. The candidate itself is left out of each count, under whatever names it may be known.
 */
export function expectedByChance(
  { facets, known }: Agreement,
  { keys, counts, figures, again, originals }: ChanceInput,
): number {
  const others = (key: string | undefined) =>
    key === undefined ? 0 : Math.max(0, (counts.get(key) ?? 0) - 1 - again)
  const inClass = others(keys.inClass)
  const within = (facet: Facet) =>
    (others(keys.within[facet]) + PUBLISHED_WEIGHT * 2 ** -figures.bits[facet]) / (inClass + PUBLISHED_WEIGHT)
  const has = (facet: Facet) => (facets & facetBit(FACET_NAMES.indexOf(facet))) !== 0
  const hasHardware = has('hardware')
  const sameHardware = others(keys.within.hardware)
  let bits = hasHardware ? -Math.log2(within('hardware')) : bitsOfParts(known)
  for (const facet of FACET_NAMES) {
    if (facet === 'hardware' || !has(facet)) continue
    let share = within(facet) ** (hasHardware ? figures.independence[facet] : INDEPENDENCE_ELSEWHERE)
    if (hasHardware && BESIDE_HARDWARE.includes(facet)) {
      share = (others(keys.beside[facet]) + CLASS_WEIGHT * share) / (sameHardware + CLASS_WEIGHT)
    }
    bits -= Math.log2(share)
  }
  return (originals * inClass + 1) * 2 ** -bits
}

/** What the same cores, memory and platform tell, though the hardware as a whole is another: their published bits. */
function bitsOfParts(known: readonly SignalName[]): number {
  let bits = 0
  for (const signal of known) if (FACETS.hardware.includes(signal)) bits += getSignal(signal).bits
  return bits
}
