import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import type { RequestContext } from '../platform/http/context.ts'

/** What a request tells without asking the browser anything. */
const TELLING_HEADERS = [
  'user-agent',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'accept-language',
  'accept-encoding',
] as const

/**
 * Makes a fingerprint of what a request shows, for browsers that send none: 16 hex digits over the headers and 16 of
 * HMAC over those, the mark by which it is known for what it is when it comes back.
 */
export function createFingerprintMaker(keys: ServerKeys) {
  const mark = (half: string) => keys.mac('fingerprint-mark', half).toString('hex', 0, 8)
  return {
    make({ headers }: IncomingMessage, { site, address }: RequestContext): string {
      const seen = TELLING_HEADERS.map((name) => headers[name] ?? '')
      const text = JSON.stringify([site.id, address.prefix, ...seen])
      const half = keys.mac('fingerprint-made', text).toString('hex', 0, 8)
      return half + mark(half)
    },
    isServerMade(hash: string): boolean {
      const claimed = Buffer.from(hash.slice(16))
      const expected = Buffer.from(mark(hash.slice(0, 16)))
      return claimed.length === expected.length && timingSafeEqual(claimed, expected)
    },
  }
}
