/**
 * How alike two texts are, 0–1: python-Levenshtein's `ratio`, which FP-Stalker's code uses for the paper's measure; twice
 * the longest common subsequence over the lengths' sum.
 */
export function similarity(left: string, right: string): number {
  const total = left.length + right.length
  if (left === right || total === 0) return 1
  const key = left < right ? `${left}\n${right}` : `${right}\n${left}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  const ratio = (2 * commonLength(left, right)) / total
  remembered.set(key, ratio)
  return ratio
}

/** User agents and GPUs come in few pairs, asked for over and over. */
const remembered = new Map<string, number>()

function commonLength(left: string, right: string): number {
  const lengths = new Uint16Array(right.length + 1)
  for (let row = 1; row <= left.length; row++) {
    let diagonal = 0
    for (let column = 1; column <= right.length; column++) {
      const above = lengths[column] ?? 0
      const isEqual = left.charCodeAt(row - 1) === right.charCodeAt(column - 1)
      lengths[column] = isEqual ? diagonal + 1 : Math.max(above, lengths[column - 1] ?? 0)
      diagonal = above
    }
  }
  return lengths[right.length] ?? 0
}
