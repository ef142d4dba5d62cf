/**
 * What can go wrong inside the SDK. Messages are short, for they are in every page:
 *
 * - `config.invalid`: the option `endpoint` is no address; the message is what was given.
 * - `config.secret_key`: a secret key in a page is public. Revoke it, and use the publishable `pk_…`.
 * - `environment.unsupported`: nothing is done; the message names what the browser lacks.
 * - `part.load_failed`: the message names the later part; it is asked for again.
 */
export type SdkErrorCode =
  | 'config.invalid'
  | 'config.secret_key'
  | 'consent.denied'
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
  status?: number | undefined
  /** Code of the refusal as the server names it, for example `session.proof_required`. */
  refusal?: string | undefined
}

/** An error of the SDK. It is handed to `onError` and never thrown into the page. */
export class SdkError extends Error {
  declare readonly code: SdkErrorCode
  declare readonly status: number | undefined
  declare readonly refusal: string | undefined

  constructor(code: SdkErrorCode, message: string, details: SdkErrorDetails = {}) {
    super(message)
    Object.assign(this, { name: 'SdkError', code }, details)
  }
}
