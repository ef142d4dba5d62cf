import { createHmac, hkdfSync } from 'node:crypto'

/** Keys for separate purposes, drawn from one server secret (RFC 5869), so that none can stand in for another. */
export interface ServerKeys {
  /** HMAC-SHA-256 under the key of a purpose, as raw bytes. */
  mac(purpose: string, text: string): Buffer
  /** A 32-byte key for a purpose. */
  key(purpose: string): Buffer
}

export function createServerKeys(secret: string): ServerKeys {
  const keys = new Map<string, Buffer>()
  function key(purpose: string): Buffer {
    let derived = keys.get(purpose)
    if (!derived) {
      derived = Buffer.from(hkdfSync('sha256', secret, 'helloagain', purpose, 32))
      keys.set(purpose, derived)
    }
    return derived
  }
  return { key, mac: (purpose, text) => createHmac('sha256', key(purpose)).update(text).digest() }
}
