/** Most rounds of belief propagation. Chains settle from their ends, one link a round; weaker beliefs fade sooner. */
const MOST_ROUNDS = 12
/** Beliefs that move less than this have settled. */
const SETTLED = 1e-3

/** That one place on the left goes with one on the right, and how much likelier that is than not. */
export interface Pair {
  readonly left: number
  readonly right: number
  readonly odds: number
}

export interface Marginals {
  /** By pair: the probability that the two are matched. */
  readonly matched: Float64Array
  /** By place: the probability that it goes with none. */
  readonly leftFree: Float64Array
  readonly rightFree: Float64Array
}

/**
 * How probable each pair is, where nobody on either side is matched twice and a matching weighs the product of its
 * odds. Belief propagation (Bayati, Shah and Sharma 2008): exact where pairs form no circles, close where they do.
 */
export function matchingMarginals(pairs: readonly Pair[], size: number): Marginals {
  const lefts = createSide(pairs, size, 'left')
  const rights = createSide(pairs, size, 'right')
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const moved = Math.max(lefts.listen(rights), rights.listen(lefts))
    if (moved < SETTLED) break
  }
  const matched = Float64Array.from(pairs, ({ odds }, at) => {
    const weight = odds * (lefts.isFree[at] ?? 1) * (rights.isFree[at] ?? 1)
    return weight / (1 + weight)
  })
  return { matched, leftFree: lefts.free(rights), rightFree: rights.free(lefts) }
}

interface Side {
  /** By pair: that this side's place has no other partner, as far as the rest tells. */
  readonly isFree: Float64Array
  /** How far the belief that moved most did. */
  listen(other: Side): number
  free(other: Side): Float64Array
}

function createSide(pairs: readonly Pair[], size: number, side: 'left' | 'right'): Side {
  const isFree = new Float64Array(pairs.length).fill(1)
  const offersOf = (other: Side) => {
    const offers = new Float64Array(size)
    pairs.forEach((pair, at) => {
      offers[pair[side]] = (offers[pair[side]] ?? 0) + pair.odds * (other.isFree[at] ?? 1)
    })
    return offers
  }
  return {
    isFree,
    listen(other) {
      const offers = offersOf(other)
      let moved = 0
      pairs.forEach((pair, at) => {
        const elsewhere = (offers[pair[side]] ?? 0) - pair.odds * (other.isFree[at] ?? 1)
        const belief = 1 / (1 + Math.max(0, elsewhere))
        moved = Math.max(moved, Math.abs(belief - (isFree[at] ?? 1)))
        isFree[at] = belief
      })
      return moved
    },
    free: (other) => offersOf(other).map((offers) => 1 / (1 + offers)),
  }
}
