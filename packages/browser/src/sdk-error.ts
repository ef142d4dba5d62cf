/** What can go wrong inside the SDK. */
export type SdkErrorCode =
  | 'config.invalid'
  | 'config.secret_key'
  | 'environment.unsupported'
  | 'events.dropped'
  | 'internal'
  | 'part.load_failed'
  | 'request.failed'
  | 'session.open_failed'

export interface SdkErrorDetails {
  /** The underlying error, if there is one. */
  cause?: unknown
  /** HTTP status of the answer; 0 where there was none. */
  status?: number
  /** Code of the refusal as the server names it, for example `session.proof_required`. */
  refusal?: string
}

/** An error of the SDK. It is handed to `onError` and never thrown into the page. */
export class SdkError extends Error {
  override readonly name = 'SdkError' as const
  readonly code: SdkErrorCode
  readonly status: number | undefined
  readonly refusal: string | undefined

  constructor(code: SdkErrorCode, message: string, { cause, status, refusal }: SdkErrorDetails = {}) {
    super(message)
    this.code = code
    this.cause = cause
    this.status = status
    this.refusal = refusal
  }
}
