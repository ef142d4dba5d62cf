import { REFUSALS, type RefusalCode, type RequestIssue } from '@helloagain/protocol'

export interface ProblemDetails {
  /** Parts of the request that are at fault. */
  readonly issues?: readonly RequestIssue[]
  /** Becomes the Retry-After header. */
  readonly retryAfterSeconds?: number
  readonly headers?: Readonly<Record<string, string>>
  /** For the log; never shown. */
  readonly cause?: unknown
}

/** An expected refusal on its way to the client. Anything else thrown is a bug and answers 500. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: RefusalCode
  readonly status: number
  readonly issues: readonly RequestIssue[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: RefusalCode, details: ProblemDetails = {}) {
    super(REFUSALS[code].message, { cause: details.cause })
    this.code = code
    this.status = REFUSALS[code].status
    this.issues = details.issues
    this.retryAfterSeconds = details.retryAfterSeconds
    this.headers = details.headers ?? {}
  }
}
