import { expect, it } from 'vitest'
import { isUuid } from '../platform/ids.ts'
import { createDaySalt } from './day-salt.ts'

it('makes one id of one text for a day, and another on the next, even back in time', () => {
  let nowMs = Date.UTC(2026, 0, 1, 23, 59)
  const salt = createDaySalt(() => nowMs)
  const today = salt.id('visitor')
  expect(isUuid(today)).toBe(true)
  expect(salt.id('visitor')).toBe(today)
  expect(salt.id('another')).not.toBe(today)
  nowMs += 2 * 60_000
  const tomorrow = salt.id('visitor')
  expect(tomorrow).not.toBe(today)
  nowMs -= 2 * 60_000
  // The salt of the day is gone, not kept aside.
  expect(salt.id('visitor')).not.toBe(today)
})

it('is each process’s own', () => {
  expect(createDaySalt(() => 0).id('visitor')).not.toBe(createDaySalt(() => 0).id('visitor'))
})
