import type { EventPayload } from '@helloagain/protocol'

/** An uncaught error as it may be told. */
export interface ErrorDescription {
  /** Name of the error, for example `TypeError`; `UnhandledRejection` or `UncaughtValue` for what is no error. */
  errorType: string
  /** Without personal data, at most 256 characters. */
  message: string
  /** Path of the page. */
  page: string
  /** File the error comes from: a path, with its origin where that is not the page's. */
  source?: string
  line?: number
  column?: number
  /** The topmost frames, as `name (source:line:column)`. */
  stack?: string[]
  /** The same for the same error: hash of type, message and topmost frame. */
  fingerprint: string
}

/** What an ERROR_OCCURRED event of `captureErrors()` tells. */
export interface ErrorPayload extends ErrorDescription, EventPayload {
  errorType: string
  page: string
  /** How often it occurred since the last event of this fingerprint: the sum of all is the number of errors. */
  count: number
}

export interface CaptureErrorsOptions {
  /** Errors to leave out: a text anywhere in `Type: message`, or a pattern it matches. @default none */
  ignore?: readonly (RegExp | string)[]
}
