import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { createDailyCaps, isHeldOut, isJudge } from './learning-policy.ts'

const DAY_MS = 86_400_000

it('holds a fifth of the visitors out, half of them to judge, and always the same ones', () => {
  const ids = Array.from({ length: 20_000 }, () => randomUUID())
  const held = ids.filter(isHeldOut)
  expect(held.length / ids.length).toBeCloseTo(0.2, 1)
  expect(held.filter(isJudge).length / held.length).toBeCloseTo(0.5, 1)
  expect(ids.filter(isHeldOut)).toEqual(held)
})

it('lets nobody pass more often than its cap on one day, and counts a refused visit for nobody', () => {
  const caps = createDailyCaps()
  const visit = (visitor: string, atMs = 0) =>
    caps.pass(
      [
        [visitor, 2],
        ['prefix', 3],
      ],
      atMs,
    )
  expect(['a', 'a', 'a', 'b', 'c'].map((visitor) => visit(visitor))).toEqual([true, true, false, true, false])
  expect(visit('a', DAY_MS)).toBe(true)
  // A clock that went back does not open the day again.
  expect([visit('a'), visit('a')]).toEqual([true, false])
})

it('counts only so many, then nobody new passes until the next day', () => {
  const caps = createDailyCaps(2)
  expect(['a', 'b', 'c', 'a'].map((key) => caps.pass([[key, 9]], 0))).toEqual([true, true, false, true])
  expect(caps.pass([['c', 9]], DAY_MS)).toBe(true)
})
