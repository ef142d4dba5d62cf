import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'

export interface ProofTargetOptions {
  /** Origin under which browsers reach the server, where it is configured. */
  readonly publicOrigin: string | undefined
  /** As in `createReadClientAddress`. */
  readonly trustedProxies: readonly string[]
}

/** Whether a proof's `htu` names the address this request was sent to. */
export type IsTarget = (htu: string, request: IncomingMessage) => boolean

const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/

/** Express cuts the path a router is mounted at off `url`. */
const pathOf = (request: IncomingMessage & { originalUrl?: string }) =>
  (request.originalUrl ?? request.url ?? '/').split('?', 1)[0] ?? '/'

function parse(address: string, base?: string): URL | undefined {
  return URL.canParse(address, base) ? new URL(address, base) : undefined
}

/**
 * Judges `htu` by PUBLIC_URL, and by the host a trusted proxy names, for servers that several sites reach under hosts of
 * their own. The request's own `Host` is believed only where neither is configured: whoever relays a proof chooses it.
 */
export function createIsTarget({ publicOrigin, trustedProxies }: ProofTargetOptions): IsTarget {
  const trust = trustedProxies.length > 0 ? proxyAddr.compile([...trustedProxies]) : undefined

  function forwardedOrigin({ headers, socket }: IncomingMessage): string[] {
    if (!trust || socket.remoteAddress === undefined || !trust(socket.remoteAddress, 0)) return []
    const { 'x-forwarded-host': host = headers.host, 'x-forwarded-proto': scheme } = headers
    return typeof host === 'string' && HOST.test(host)
      ? [`${scheme === 'https' ? 'https' : 'http'}://${host}`]
      : []
  }

  function ownOrigins({ headers: { host } }: IncomingMessage): string[] {
    if (publicOrigin !== undefined) return [publicOrigin]
    // Who ends TLS in front of us is not known here.
    return !trust && host !== undefined && HOST.test(host) ? [`http://${host}`, `https://${host}`] : []
  }

  return (htu, request) => {
    const sent = parse(htu)
    if (!sent) return false
    return [...ownOrigins(request), ...forwardedOrigin(request)].some((origin) => {
      const own = parse(pathOf(request), origin)
      return own?.origin === sent.origin && own.pathname === sent.pathname
    })
  }
}
