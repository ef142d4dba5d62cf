import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { parseCookie, stringifySetCookie } from 'cookie'
import type { ServerKeys } from '../crypto/server-keys.ts'
import { remember } from '../remember.ts'

/**
 * The HttpOnly cookie by which a browser proves that it opened a session. It holds a random secret and the
 * server's mark on it, so that one browser can prove its sessions of several sites on one host, and a
 * secret that somebody else made up is not taken. Sites store an HMAC of the secret, each its own.
 */
export interface SessionCookie {
  readonly name: string
  /** The secret in the request's cookie, when this server issued it. */
  read(request: IncomingMessage): string | undefined
  newSecret(): string
  /** The Set-Cookie header that hands a secret to the browser. */
  header(secret: string, maxAgeSeconds: number): string
  /** What a site stores of a secret: never equal on two sites. */
  hash(siteId: string, secret: string): string
}

// 32 and 16 bytes in base64url; nothing of another length is worth a look, or a place in memory.
const SECRET_LENGTH = 43
const VALUE_LENGTH = SECRET_LENGTH + 1 + 22

export function createSessionCookie(keys: ServerKeys, { isSecure }: { isSecure: boolean }): SessionCookie {
  // The prefix keeps subdomains and plain http from planting one (RFC 6265bis §4.1.3.2); http on loopback cannot carry it.
  const name = isSecure ? '__Host-ha_session' : 'ha_session'
  const mark = remember((secret) => keys.mac('session-cookie', secret).subarray(0, 16))
  const hash = remember((owned) => keys.mac('session-cookie-hash', owned).toString('base64url'))

  /** The secret of a cookie whose mark is ours; empty for any other. */
  const open = remember((value) => {
    const [secret = '', sent = ''] = value.split('.')
    if (secret.length !== SECRET_LENGTH) return ''
    const claimed = Buffer.from(sent, 'base64url')
    const expected = mark(secret)
    return claimed.length === expected.length && timingSafeEqual(claimed, expected) ? secret : ''
  })

  return {
    name,
    read(request) {
      const { cookie } = request.headers
      if (!cookie?.includes(name)) return undefined
      const value = parseCookie(cookie)[name]
      return value?.length === VALUE_LENGTH ? open(value) || undefined : undefined
    },
    newSecret: () => randomBytes(32).toString('base64url'),
    header: (secret, maxAgeSeconds) =>
      stringifySetCookie({
        name,
        value: `${secret}.${mark(secret).toString('base64url')}`,
        httpOnly: true,
        secure: isSecure,
        sameSite: 'lax',
        path: '/',
        maxAge: Math.floor(maxAgeSeconds),
      }),
    hash: (siteId, secret) => hash(`${siteId}\n${secret}`),
  }
}
