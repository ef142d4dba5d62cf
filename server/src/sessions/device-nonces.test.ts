import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { createDeviceNonces, PROOF_LIFETIME_MS } from './device-nonces.ts'

const nonces = createDeviceNonces(createServerKeys('k'.repeat(43)))
const RUNS = { numRuns: propertyRuns(300) }
const instant = fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 })

it('a nonce is fresh for a minute at least, and for two at most', () => {
  fc.assert(
    fc.property(instant, fc.nat(2 * PROOF_LIFETIME_MS), (issuedAtMs, ageMs) => {
      const isFresh = nonces.isFresh('s1', nonces.issue('s1', issuedAtMs), issuedAtMs + ageMs)
      if (ageMs <= PROOF_LIFETIME_MS / 2) expect(isFresh).toBe(true)
      if (ageMs >= PROOF_LIFETIME_MS) expect(isFresh).toBe(false)
    }),
    RUNS,
  )
})

it('begins with the second it was given in, by the minute, so that a wrong clock is no matter', () => {
  fc.assert(
    fc.property(instant, (atMs) => {
      const behindMs = atMs - Number.parseInt(nonces.issue('s1', atMs), 10) * 1000
      expect(behindMs).toBeGreaterThanOrEqual(0)
      expect(behindMs).toBeLessThan(60_000)
    }),
    RUNS,
  )
})

it('no text but the one that was issued is fresh, not for another site, secret or time', () => {
  const atMs = Date.UTC(2026, 0, 1)
  const nonce = nonces.issue('s1', atMs)
  expect(nonces.isFresh('s2', nonce, atMs)).toBe(false)
  expect(nonces.isFresh('s1', nonce, atMs - 60_000)).toBe(false)
  expect(createDeviceNonces(createServerKeys('j'.repeat(43))).isFresh('s1', nonce, atMs)).toBe(false)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.constant(nonce).map((text) => ` ${text}`),
      ),
      (text) => {
        expect(nonces.isFresh('s1', text, atMs)).toBe(text === nonce)
      },
    ),
    RUNS,
  )
})
