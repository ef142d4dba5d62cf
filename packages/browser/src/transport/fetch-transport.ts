import { type ErrorAnswer, FINGERPRINT_HEADER } from '@helloagain/protocol'
import { parseRetryAfter } from './retry-after.ts'
import type { Call, CallResult, Transport } from './transport.ts'

export interface FetchTransportOptions {
  fetch: typeof fetch
  endpoint: string
  /** Read at each call, so that a call carries the identity of its moment. */
  headers(): Record<string, string>
  /** Whether cookies may travel. */
  hasCookies(): boolean
  nowMs(): number
  /** Told when the server had to make a fingerprint itself. */
  onServerFingerprint(fingerprint: string): void
  /** Milliseconds until an unanswered call counts as failed. @default 10000 */
  timeoutMs?: number
}

/** Calls the server by the page's own `fetch`, past every wrapper. */
export function createFetchTransport(options: FetchTransportOptions): Transport {
  const post = ({ method, path, body }: Call, signal: AbortSignal): Promise<Response> => {
    const hasBody = body !== undefined
    return options.fetch.call(globalThis, options.endpoint + path, {
      method,
      headers: { ...options.headers(), ...(hasBody ? { 'Content-Type': 'application/json' } : {}) },
      credentials: options.hasCookies() ? 'include' : 'omit',
      cache: 'no-store',
      signal,
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
    })
  }
  return async (call) => {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), options.timeoutMs ?? 10_000)
    try {
      const response = await post(call, abort.signal)
      const made = response.headers.get(FINGERPRINT_HEADER)
      if (made) options.onServerFingerprint(made)
      return await readResult(response, options.nowMs())
    } catch {
      return { isOk: false, status: 0 }
    } finally {
      clearTimeout(timer)
    }
  }
}

async function readResult(response: Response, nowMs: number): Promise<CallResult> {
  const { ok, status, headers } = response
  const body = await readBody(response)
  if (ok) return { isOk: true, body }
  return {
    isOk: false,
    status,
    refusal: (body as Partial<ErrorAnswer> | null)?.error?.code,
    retryAfterMs: parseRetryAfter(headers.get('Retry-After'), nowMs),
  }
}

/** A proxy may answer with a page of HTML; the status still counts. */
async function readBody(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (error) {
    // The connection broke in mid-answer: whether the server acted is not known.
    if (!(error instanceof SyntaxError)) throw error
    return null
  }
}
