import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../../tools/property-runs.ts'
import { matchingMarginals, type Pair } from './matching.ts'

/** By going through all matchings: how probable each pair is. */
function enumerate(pairs: readonly Pair[]): number[] {
  const sums = pairs.map(() => 0)
  let total = 0
  const visit = (at: number, chosen: readonly number[], weight: number): void => {
    const pair = pairs[at]
    if (pair === undefined) {
      total += weight
      for (const index of chosen) sums[index] = (sums[index] ?? 0) + weight
      return
    }
    visit(at + 1, chosen, weight)
    const isTaken = chosen.some((index) => {
      const other = pairs[index]
      return other?.left === pair.left || other?.right === pair.right
    })
    if (!isTaken) visit(at + 1, [...chosen, at], weight * pair.odds)
  }
  visit(0, [], 1)
  return sums.map((sum) => sum / total)
}

const odds = fc.double({ min: 0.01, max: 300, noNaN: true })
/** Three visits of a look, each of which may be what any before it came back as. */
const threeVisits = fc.tuple(odds, odds, odds).map(([one, two, three]): Pair[] => [
  { left: 1, right: 0, odds: one },
  { left: 2, right: 0, odds: two },
  { left: 2, right: 1, odds: three },
])

describe('the marginals of matchings', () => {
  it('are those of all matchings gone through, where pairs form no circle', () => {
    fc.assert(
      fc.property(threeVisits, (pairs) => {
        const { matched } = matchingMarginals(pairs, 3)
        enumerate(pairs).forEach((probability, at) => {
          expect(matched[at]).toBeCloseTo(probability, 3)
        })
      }),
      { numRuns: propertyRuns(100) },
    )
  })

  it('leave one first and one last of a chain of likely links, however long', () => {
    const size = 8
    const pairs: Pair[] = []
    for (let left = 0; left < size; left++) {
      for (let right = 0; right < left; right++) pairs.push({ left, right, odds: 500 })
    }
    const { leftFree, rightFree } = matchingMarginals(pairs, size)
    const sum = (chances: Float64Array) => chances.reduce((total, chance) => total + chance, 0)
    expect(sum(leftFree)).toBeLessThan(1.2)
    expect(sum(rightFree)).toBeLessThan(1.2)
    expect(sum(leftFree)).toBeGreaterThanOrEqual(1)
  })

  it('match nobody where there is nobody', () => {
    expect([...matchingMarginals([], 2).leftFree]).toEqual([1, 1])
  })
})
