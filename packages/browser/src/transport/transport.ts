/** A call the server refused, or did not answer. */
export interface FailedCall {
  isOk: false
  /** HTTP status; 0 where there was no answer. */
  status: number
  /** The refusal as the server names it. */
  refusal?: string | undefined
  /** The header `Retry-After` as it came. */
  retryAfter?: string | null
}

/** How one call to the server ended. */
export type CallResult = FailedCall | { isOk: true; body: unknown }

export interface Call {
  method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT'
  /** Path below the endpoint, with a leading slash. */
  path: string
  body?: unknown
}

/** Calls the server. Never rejects. */
export type Transport = (call: Call) => Promise<CallResult>

/** Whether the same call may succeed later: no answer, too many requests, or the server is at fault. */
export function canRetry(status: number): boolean {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500
}
