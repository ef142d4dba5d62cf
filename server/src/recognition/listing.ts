/** A block as it was read: how many visitors stand under it, as far as that was looked at. */
interface ReadBlock {
  readonly found: number
  /** None was left out. */
  readonly isWhole: boolean
}

/**
 * Of visitors chosen among those under some blocks, which of them stand under a block that was read and chosen to its
 * end: whoever is like them stands there, too, and so was chosen.
 *
 * @param standing by visitor, the blocks it stands under
 */
export function listedWhole(
  standing: ReadonlyMap<string, readonly number[]>,
  blocks: ReadonlyMap<number, ReadBlock>,
): ReadonlySet<string> {
  const chosen = new Map<number, number>()
  for (const numbers of standing.values()) {
    for (const number of numbers) chosen.set(number, (chosen.get(number) ?? 0) + 1)
  }
  const isWhole = (number: number) => {
    const block = blocks.get(number)
    return block?.isWhole === true && chosen.get(number) === block.found
  }
  return new Set([...standing].filter(([, numbers]) => numbers.some(isWhole)).map(([id]) => id))
}
