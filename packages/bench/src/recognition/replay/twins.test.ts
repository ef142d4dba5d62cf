import { expect, it } from 'vitest'
import { createTwinWatch } from './twins.ts'

const DAY_MS = 86_400_000
const visit = (browser: string, day: number, canvas: string) => ({
  browser,
  seen: { atMs: day * DAY_MS, evidence: {}, signals: { canvas }, unstable: [] },
})

it('knows a twin from the first visit that two browsers look alike, for as long as the server remembers', () => {
  const hasTwin = createTwinWatch()
  expect(hasTwin(visit('a', 0, 'same'))).toBe(false)
  expect(hasTwin(visit('a', 1, 'same'))).toBe(false)
  expect(hasTwin(visit('b', 2, 'same'))).toBe(true)
  expect(hasTwin(visit('a', 3, 'same'))).toBe(true)
  expect(hasTwin(visit('a', 3, 'other'))).toBe(false)
  expect(hasTwin(visit('a', 33, 'same'))).toBe(false)
})
