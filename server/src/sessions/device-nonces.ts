import { timingSafeEqual } from 'node:crypto'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'

/**
 * Nonces that device keys sign (RFC 9449 §8), made again instead of stored. Each begins with the server's time in
 * seconds, so that a device whose clock is wrong can still say when it signed.
 */
export interface DeviceNonces {
  issue(siteId: string, nowMs: number): string
  /** Whether this server issued it for this site at most two minutes ago. */
  isFresh(siteId: string, nonce: string, nowMs: number): boolean
}

const WINDOW_SECONDS = 60
/** How long a proof can be of use: the nonce's own window and the one after it. */
export const PROOF_LIFETIME_MS = 2 * WINDOW_SECONDS * 1000
const FORM = /^(\d{1,12})\.[\w-]{22}$/

export function createDeviceNonces(keys: ServerKeys): DeviceNonces {
  // Bound to the site: two sites of one server share their addresses, and a proof is for one of them.
  const make = (siteId: string, seconds: number) =>
    `${seconds}.${keys.mac('device-nonce', `${siteId}\n${seconds}`).subarray(0, 16).toString('base64url')}`
  const windowAt = (nowMs: number) => Math.floor(nowMs / 1000 / WINDOW_SECONDS) * WINDOW_SECONDS

  return {
    issue: (siteId, nowMs) => make(siteId, windowAt(nowMs)),
    isFresh(siteId, nonce, nowMs) {
      const seconds = Number(FORM.exec(nonce)?.[1])
      const age = windowAt(nowMs) - seconds
      if (age !== 0 && age !== WINDOW_SECONDS) return false
      const expected = Buffer.from(make(siteId, seconds))
      const sent = Buffer.from(nonce)
      return sent.length === expected.length && timingSafeEqual(sent, expected)
    },
  }
}
