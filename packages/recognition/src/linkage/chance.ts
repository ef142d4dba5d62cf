import { facetBit } from './compare.ts'
import { FACET_NAMES, type Facet } from './facets.ts'
import type { Figures } from './figures.ts'
import { BESIDE_HARDWARE, type CountKeys } from './plan-lookup.ts'

/** How much the class's own share weighs against what was seen beside the same hardware, in visitors. */
const CLASS_WEIGHT = 2
/** How much the published share weighs against what was seen within the class, in visitors. */
const PUBLISHED_WEIGHT = 20

export interface ChanceInput {
  readonly keys: CountKeys
  readonly counts: ReadonlyMap<string, number>
  readonly figures: Figures
}

/**
 * How many visitors beside the candidate would show these facets by chance, as the frequencies on the site tell:
 * hardware within its class, every other facet beside that hardware and, where that was seen too seldom, within the
 * class. The candidate itself is left out of each count.
 */
export function expectedByChance(facets: number, { keys, counts, figures }: ChanceInput): number {
  const others = (key: string | undefined) =>
    key === undefined ? 0 : Math.max(0, (counts.get(key) ?? 0) - 1)
  const inClass = others(keys.inClass)
  const within = (facet: Facet) =>
    (others(keys.within[facet]) + PUBLISHED_WEIGHT * 2 ** -figures.bits[facet]) / (inClass + PUBLISHED_WEIGHT)
  const has = (facet: Facet) => (facets & facetBit(FACET_NAMES.indexOf(facet))) !== 0
  const hasHardware = has('hardware')
  const sameHardware = others(keys.within.hardware)
  let bits = hasHardware ? -Math.log2(within('hardware')) : 0
  for (const facet of FACET_NAMES) {
    if (facet === 'hardware' || !has(facet)) continue
    let share = within(facet)
    if (hasHardware && BESIDE_HARDWARE.includes(facet)) {
      share = (others(keys.beside[facet]) + CLASS_WEIGHT * share) / (sameHardware + CLASS_WEIGHT)
    }
    bits -= figures.independence * Math.log2(share)
  }
  return (inClass + 1) * 2 ** -bits
}
