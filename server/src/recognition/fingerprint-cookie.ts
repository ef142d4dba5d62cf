import type { IncomingMessage } from 'node:http'
import { parseCookie, stringifySetCookie } from 'cookie'
import type { Response } from 'express'

const COOKIE = 'device_fp'
// API.md: at most 13 months, the longest that CNIL grants a cookie of this kind.
const COOKIE_MAX_AGE_SECONDS = 395 * 86_400
const HASH = /^[0-9a-f]{32}$/

/** A fingerprint where a header or cookie holds one. */
export function readHash(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && HASH.test(value) ? value : undefined
}

/** The cookie tier: a copy of the fingerprint, never identity. */
export function createFingerprintCookie({ isSecure }: { isSecure: boolean }) {
  function read({ headers: { cookie } }: IncomingMessage): string | undefined {
    // Most requests have cookies but not this one; parsing is the dear part.
    return cookie?.includes(COOKIE) ? readHash(parseCookie(cookie)[COOKIE]) : undefined
  }
  const set = (response: Response, value: string, maxAge: number) =>
    response.append(
      'Set-Cookie',
      stringifySetCookie({
        name: COOKIE,
        value,
        httpOnly: true,
        secure: isSecure,
        sameSite: 'lax',
        path: '/',
        maxAge,
      }),
    )
  return {
    read,
    /** Unless the browser holds it already. */
    keep(request: IncomingMessage, response: Response, hash: string): void {
      if (read(request) !== hash) set(response, hash, COOKIE_MAX_AGE_SECONDS)
    },
    clear(request: IncomingMessage, response: Response): void {
      if (request.headers.cookie?.includes(COOKIE)) set(response, '', 0)
    },
  }
}
