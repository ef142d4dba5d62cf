import { FINGERPRINT_HEADER } from '@helloagain/protocol'
import type { Transport } from './transport.ts'

export interface FetchTransportOptions {
  fetch: typeof fetch
  endpoint: string
  /** Read at each call, so that a call carries the identity of its moment, or that of an earlier session. */
  headers(sessionId?: string): Record<string, string>
  /** Whether cookies may travel. */
  hasCookies(): boolean
  /** Told when the server had to make a fingerprint itself. */
  onServerFingerprint(fingerprint: string): void
}

/** An unanswered call counts as failed after this. */
const TIMEOUT_MS = 10_000

/** A proxy may answer with a page of HTML; the status still counts. */
function ignoreNoJson(error: unknown): void {
  // Anything else is a connection that broke in mid-answer: whether the server acted is not known.
  if (!(error instanceof SyntaxError)) throw error
}

/** Calls the server by the page's own `fetch`, past every wrapper. */
export function createFetchTransport(options: FetchTransportOptions): Transport {
  return async ({ method, path, body: asked, sessionId }) => {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS)
    try {
      const response = await options.fetch.call(globalThis, options.endpoint + path, {
        method,
        headers: { 'Content-Type': 'application/json', ...options.headers(sessionId) },
        credentials: options.hasCookies() ? 'include' : 'omit',
        cache: 'no-store',
        signal: abort.signal,
        // Nothing at all for a call without a body.
        body: JSON.stringify(asked),
      })
      const { ok, status, headers } = response
      const made = headers.get(FINGERPRINT_HEADER)
      if (made) options.onServerFingerprint(made)
      const body: unknown = await response.json().catch(ignoreNoJson)
      return { isOk: ok, status, body, retryAfter: headers.get('Retry-After') }
    } catch {
      return { isOk: false, status: 0 }
    } finally {
      clearTimeout(timer)
    }
  }
}
