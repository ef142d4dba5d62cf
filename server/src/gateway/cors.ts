import type { IncomingMessage } from 'node:http'
import { REQUEST_ID_HEADER } from '@helloagain/protocol'
import { Problem } from '../platform/http/problem.ts'
import type { Sites } from '../sites/ports.ts'

const EXPOSED = `X-Device-Fingerprint, DPoP-Nonce, Retry-After, ${REQUEST_ID_HEADER}, RateLimit, RateLimit-Policy`
// Two hours: the most Chromium keeps a preflight.
const MAX_AGE_SECONDS = 7200
// Other people's SDKs stamp headers on every request (PostHog #20715), so whatever is asked is echoed; bounded and plain.
const HEADER_LIST = /^[A-Za-z0-9!#$%&'*+.^_`|~, -]{0,2000}$/

/** Whether a page may call, and what the browser is told about it. */
export interface Cors {
  /** Headers for an OPTIONS request; undefined when no site knows the origin. */
  preflight(request: IncomingMessage): Promise<Record<string, string> | undefined>
  /**
   * Headers for the request itself.
   *
   * @throws Problem `request.origin_forbidden`
   */
  check(request: IncomingMessage, siteId: string): Promise<Record<string, string>>
}

export function createCors({
  sites,
  publicOrigin,
}: {
  sites: Sites
  publicOrigin: string | undefined
}): Cors {
  /** Pages that this server serves itself. Host is believed only on loopback: elsewhere PUBLIC_URL decides. */
  function isOwn(origin: string, request: IncomingMessage): boolean {
    if (publicOrigin !== undefined) return origin === publicOrigin
    const host = request.headers.host ?? ''
    return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host) && origin === `http://${host}`
  }
  const allowed = (origin: string) => ({
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': EXPOSED,
    Vary: 'Origin',
  })

  return {
    async preflight(request) {
      const { origin } = request.headers
      if (origin === undefined || !(isOwn(origin, request) || (await sites.knowsOrigin(origin))))
        return undefined
      const asked = request.headers['access-control-request-headers'] ?? ''
      return {
        ...allowed(origin),
        'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
        'Access-Control-Allow-Headers': HEADER_LIST.test(asked) ? asked : '',
        'Access-Control-Max-Age': String(MAX_AGE_SECONDS),
      }
    },
    async check(request, siteId) {
      const { origin } = request.headers
      if (origin === undefined) return { Vary: 'Origin' }
      if (isOwn(origin, request) || (await sites.allowsOrigin(siteId, origin))) return allowed(origin)
      throw new Problem('request.origin_forbidden')
    },
  }
}
