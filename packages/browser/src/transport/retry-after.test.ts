import { expect, it } from 'vitest'
import { parseRetryAfter } from './retry-after.ts'

const NOW_MS = Date.parse('2026-11-21T09:00:00Z')

it.each([
  ['120', 120_000],
  ['Sat, 21 Nov 2026 09:00:30 GMT', 30_000],
  ['Sat, 21 Nov 2026 08:00:00 GMT', 0],
  ['999999', 3_600_000],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('reads %j as %s milliseconds', (header, waitMs) => expect(parseRetryAfter(header, NOW_MS)).toBe(waitMs))
