import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { parseCookie, stringifySetCookie } from 'cookie'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import { isUuid } from '../platform/ids.ts'

// 400 days is the most a browser keeps a cookie (RFC 6265bis §5.5); 13 months is what we allow ourselves.
const KNOWN_MAX_AGE_SECONDS = 395 * 86_400
// One computer, one family.
const MAX_KNOWN = 4

export interface AccountCookies {
  readRefresh(request: IncomingMessage): string | undefined
  /** Ids of users who signed in in this browser, when this server wrote them there for this site. */
  readKnown(request: IncomingMessage, siteId: string): string[]
  refreshHeader(token: string, maxAgeSeconds: number): string
  clearRefreshHeader(): string
  /** Adds a user to those this browser may vouch for. */
  knownHeader(siteId: string, userId: string, before: readonly string[]): string
}

/**
 * The two cookies of this room, both HttpOnly. One holds the refresh token. The other is OWASP's device cookie
 * (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies): it signs nobody in, but
 * a browser that has it is not slowed down by strangers who guess, and may try an account whose address was never verified.
 */
export function createAccountCookies(keys: ServerKeys, { isSecure }: { isSecure: boolean }): AccountCookies {
  const prefix = isSecure ? '__Host-' : ''
  const names = { refresh: `${prefix}ha_refresh`, known: `${prefix}ha_known` }
  const mark = (siteId: string, userId: string) =>
    keys.mac('known-user-cookie', `${siteId}\n${userId}`).subarray(0, 16)
  const read = ({ headers: { cookie } }: IncomingMessage, name: string) =>
    cookie?.includes(name) ? parseCookie(cookie)[name] : undefined
  const header = (name: string, { value, maxAge }: { value: string; maxAge: number }) =>
    stringifySetCookie({
      name,
      value,
      httpOnly: true,
      secure: isSecure,
      sameSite: 'lax',
      path: '/',
      maxAge: Math.floor(maxAge),
    })

  return {
    readRefresh: (request) => read(request, names.refresh) || undefined,
    readKnown: (request, siteId) =>
      (read(request, names.known) ?? '')
        .split('~', MAX_KNOWN)
        .map((entry) => entry.split('.'))
        .flatMap(([userId = '', sent = '']) => {
          if (!isUuid(userId)) return []
          const claimed = Buffer.from(sent, 'base64url')
          const expected = mark(siteId, userId)
          return claimed.length === expected.length && timingSafeEqual(claimed, expected) ? [userId] : []
        }),
    refreshHeader: (token, maxAgeSeconds) => header(names.refresh, { value: token, maxAge: maxAgeSeconds }),
    clearRefreshHeader: () => header(names.refresh, { value: '', maxAge: 0 }),
    knownHeader: (siteId, userId, before) =>
      header(names.known, {
        value: [userId, ...before.filter((id) => id !== userId)]
          .slice(0, MAX_KNOWN)
          .map((id) => `${id}.${mark(siteId, id).toString('base64url')}`)
          .join('~'),
        maxAge: KNOWN_MAX_AGE_SECONDS,
      }),
  }
}
