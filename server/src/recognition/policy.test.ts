import { expect, it } from 'vitest'
import { isLinkable } from './policy.ts'
import type { Match } from './ports.ts'

const SURE: Match = {
  ...{ visitorId: 'known', method: 'fingerprint_recognized' as const },
  ...{ confidence: 99, observationConfidence: 60, anonymitySet: 1 },
}

it.each<[string, Partial<Match>, boolean]>([
  ['99 of an observation of 60, and nobody else', {}, true],
  ['98', { confidence: 98 }, false],
  ['an observation of 59', { observationConfidence: 59 }, false],
  ['another one who fits as well', { confidence: 100, anonymitySet: 2 }, false],
  ['a device id', { method: 'device_id' }, true],
  ['a device id of two', { method: 'device_id', anonymitySet: 2 }, false],
])('a link is made, or not, by %s', (_what, change, isMade) => {
  expect(isLinkable({ ...SURE, ...change })).toBe(isMade)
})

it('a site may ask for more or less of a fingerprint, and not of a device id', () => {
  expect(isLinkable({ ...SURE, confidence: 90 }, 90)).toBe(true)
  expect(isLinkable(SURE, 100)).toBe(false)
  expect(isLinkable({ ...SURE, method: 'device_id' }, 100)).toBe(true)
})
