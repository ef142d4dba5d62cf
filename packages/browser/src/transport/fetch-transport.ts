import { DPOP_NONCE_HEADER, FINGERPRINT_HEADER } from '@helloagain/protocol'
import type { CallResult } from './transport.ts'

export interface ServerCall {
  fetch: typeof fetch
  url: string
  init: RequestInit & { headers: Record<string, string> }
  /** Beside those of every call. */
  headers?: Record<string, string> | undefined
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

/** Calls the server by the page's own `fetch`, past every wrapper. Never rejects. */
export async function callServer({
  fetch,
  url,
  init,
  headers: more,
  onServerFingerprint,
}: ServerCall): Promise<CallResult> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS)
  try {
    const own = { ...init.headers, ...more }
    const sent = { ...init, headers: own, cache: 'no-store', signal: abort.signal } as const
    const response = await fetch.call(globalThis, url, sent)
    const { ok, status, headers } = response
    const made = headers.get(FINGERPRINT_HEADER)
    if (made) onServerFingerprint(made)
    const body: unknown = await response.json().catch(ignoreNoJson)
    const nonce = headers.get(DPOP_NONCE_HEADER)
    return { isOk: ok, status, body, nonce, retryAfter: headers.get('Retry-After') }
  } catch {
    return { isOk: false, status: 0 }
  } finally {
    clearTimeout(timer)
  }
}
