import { expect, it } from 'vitest'
import { shareBetween } from './interval.ts'

const cases = (right: number, wrong: number, visitsEach = 1) =>
  Array.from({ length: right + wrong }, (_, index) => ({
    of: `v${Math.floor(index / visitsEach)}`,
    share: index < right ? 1 : 0,
  }))

it('is Wilson’s, as in his tables', () => {
  // Newcombe, Statistics in Medicine 1998, table I: 81 of 263.
  const [least, most] = shareBetween(cases(81, 182))
  expect(least).toBeCloseTo(0.2553, 3)
  expect(most).toBeCloseTo(0.3662, 3)
})

it('is as wide as for one case a visitor where a visitor’s cases are all alike', () => {
  const [least, most] = shareBetween(cases(810, 1820, 10))
  expect(least).toBeCloseTo(0.2553, 3)
  expect(most).toBeCloseTo(0.3662, 3)
})

it('never claims certainty, least of all from one visitor', () => {
  const [many] = shareBetween(cases(500, 0))
  const [one] = shareBetween(cases(500, 0, 500))
  expect(many).toBeGreaterThan(0.99)
  expect(many).toBeLessThan(1)
  expect(one).toBeLessThan(0.3)
})
