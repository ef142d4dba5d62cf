import type { ErrorAnswer } from '@helloagain/protocol'

/** A call the server refused, or did not answer. */
export interface FailedCall {
  isOk: false
  /** HTTP status; 0 where there was no answer. */
  status: number
  /** What the server said about it. */
  body?: unknown
  /** The header `Retry-After` as it came. */
  retryAfter?: string | null
  /** The header `DPoP-Nonce` as it came. */
  nonce?: string | null
}

/** How one call to the server ended. */
export type CallResult = FailedCall | (Omit<FailedCall, 'isOk' | 'status'> & { isOk: true; status?: number })

export interface Call {
  method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT'
  /** Path below the endpoint, with a leading slash. */
  path: string
  body?: unknown
  /** Sent beside the headers of every call. */
  headers?: Record<string, string> | undefined
  /** For whom the call is made, where that is not the session of now. */
  sessionId?: string | undefined
}

/** Calls the server. Never rejects. */
export type Transport = (call: Call) => Promise<CallResult>

/** The refusal as the server names it. */
export function findRefusal({ body }: FailedCall): string | undefined {
  return (body as Partial<ErrorAnswer> | null | undefined)?.error?.code
}

/** Whether the same call may succeed later: no answer, too many requests, or the server is at fault. */
export function canRetry(status: number): boolean {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500
}
