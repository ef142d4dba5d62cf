import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { createShares } from './shares.ts'

it('gives one alone half of the place, of two each a third, and the next still finds room', () => {
  const shares = createShares(60)
  const fill = (holder: string) => {
    let taken = 0
    while (shares.take([holder], 1)) taken += 1
    return taken
  }
  expect([fill('a'), fill('b'), fill('c')]).toEqual([30, 15, 7])
  expect(shares.take(['d'], 1)).toBe(true)
  // Whoever came first gives way as it is served, down to an equal part.
  shares.give(['a'], 30)
  expect(fill('a')).toBeLessThanOrEqual(20)
})

it('takes for all holders or for none', () => {
  const shares = createShares(10)
  expect(shares.take(['a'], 5)).toBe(true)
  expect(shares.take(['a', 'b'], 1)).toBe(false)
  expect(shares.take(['b'], 2)).toBe(true)
})

it('takes what is larger than the place, when it is empty', () => {
  const shares = createShares(10)
  expect(shares.take(['a'], 50)).toBe(true)
  expect(shares.take(['b'], 1)).toBe(false)
  shares.give(['a'], 50)
  expect(shares.take(['b'], 1)).toBe(true)
})

it('never holds more than its size, nor forgets what was given back', () => {
  const asks = fc.array(
    fc.record({ holder: fc.constantFrom('a', 'b', 'c', 'd'), amount: fc.integer({ min: 1, max: 20 }) }),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(asks, fc.infiniteStream(fc.integer({ min: 0, max: 2 })), (all, leaves) => {
      const shares = createShares(100)
      const inside: { holder: string; amount: number }[] = []
      const leave = (count: number) => {
        for (const { holder, amount } of inside.splice(0, count)) shares.give([holder], amount)
      }
      for (const ask of all) {
        if (shares.take([ask.holder], ask.amount)) inside.push(ask)
        expect(inside.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(100)
        leave(leaves.next().value)
      }
      leave(inside.length)
      expect(shares.take(['z'], 50)).toBe(true)
      expect(shares.take(['a'], 25)).toBe(true)
    }),
    { numRuns: propertyRuns(200) },
  )
})
