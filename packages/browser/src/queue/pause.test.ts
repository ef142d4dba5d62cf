import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../persistence/memory.ts'
import { computeBackoffMs } from './backoff.ts'
import { createPauseKeeper } from './pause.ts'

const NOW_MS = Date.parse('2026-11-21T09:00:00Z')
const HOUR_MS = 3_600_000

function open({ isOnDisk = true, kept }: { isOnDisk?: boolean; kept?: string } = {}) {
  const store = createMemoryStorage()
  if (kept !== undefined) store.set('pause', kept)
  const clock = { nowMs: NOW_MS }
  const keeper = createPauseKeeper({
    ...{ store, key: 'pause' },
    isOnDisk: () => isOnDisk,
    nowMs: () => clock.nowMs,
  })
  return { keeper, clock, store }
}

describe('a damaged pause', () => {
  it.each([
    ['no JSON', '{'],
    ['a number', '5'],
    ['an object', '{"untilMs":5}'],
    ['an empty list', '[]'],
    ['words', '["soon","often","yes"]'],
    ['null', '[null,null,null]'],
    ['too large a number', '[1e999,-1e999,1]'],
    ['a negative count', `[0,-7,false]`],
  ])('%s counts as none, and the next failure waits as the first does', (_what, kept) => {
    const { keeper } = open({ kept })
    expect(keeper.leftMs()).toBe(0)
    const [, failures, isAsked] = keeper.read()
    expect([failures, isAsked]).toEqual([0, false])
    expect(computeBackoffMs(failures + 1, () => 0.5)).toBe(500)
  })

  it('with a good time keeps the time', () => {
    const { keeper } = open({ kept: `[${NOW_MS + 5000},"x",null]` })
    expect(keeper.leftMs()).toBe(5000)
    expect(keeper.read()).toEqual([NOW_MS + 5000, 0, false])
  })
})

it('lasts an hour at the longest, and then is over', () => {
  const { keeper, clock } = open()
  keeper.keep([NOW_MS + HOUR_MS, 1, true])
  expect(keeper.leftMs()).toBe(HOUR_MS)
  clock.nowMs += HOUR_MS
  expect(keeper.leftMs()).toBe(0)
})

it.each([true, false])('that a wrong clock put years ahead stops nothing (on disk: %s)', (isOnDisk) => {
  const { keeper, clock } = open({ isOnDisk })
  clock.nowMs += 10 * 365 * 24 * HOUR_MS
  keeper.keep([clock.nowMs + 60_000, 3, true])
  clock.nowMs = NOW_MS
  expect(keeper.leftMs()).toBe(0)
  expect(keeper.read()[1]).toBe(3)
})
