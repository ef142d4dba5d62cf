import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

/** Keys for separate purposes, drawn from one server secret (RFC 5869), so that none can stand in for another. */
export interface ServerKeys {
  /** HMAC-SHA-256 under the key of a purpose, as raw bytes. */
  mac(purpose: string, text: string): Buffer
  /** A 32-byte key for a purpose. */
  key(purpose: string): Buffer
}

export function createServerKeys(secret: string): ServerKeys {
  // Kept as key objects: importing raw bytes for every HMAC costs five times the HMAC.
  const keys = new Map<string, KeyObject>()
  function keyObject(purpose: string): KeyObject {
    let derived = keys.get(purpose)
    if (!derived) {
      derived = createSecretKey(Buffer.from(hkdfSync('sha256', secret, 'helloagain', purpose, 32)))
      keys.set(purpose, derived)
    }
    return derived
  }
  return {
    key: (purpose) => keyObject(purpose).export(),
    mac: (purpose, text) => createHmac('sha256', keyObject(purpose)).update(text).digest(),
  }
}
