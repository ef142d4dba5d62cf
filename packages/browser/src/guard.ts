import { SdkError, type SdkErrorDetails } from './sdk-error.ts'

/** Keeps what goes wrong in the SDK away from the page. */
export interface Guard {
  report(error: SdkError): void
  /** The same function, but a throw is reported and `fallback` comes back. */
  wrap<A extends unknown[], T>(work: (...args: A) => T, fallback: T): (...args: A) => T
  /** The same for a promise. */
  wrapAsync<A extends unknown[], T>(work: (...args: A) => Promise<T>, fallback: T): (...args: A) => Promise<T>
}

export function createGuard({
  onError,
  debug,
}: {
  onError?: ((error: SdkError) => void) | undefined
  debug: boolean
}): Guard {
  function report(error: SdkError): void {
    try {
      // biome-ignore lint/suspicious/noConsole: the option `debug` asks for it.
      if (debug) console.error('[Hello Again]', error)
      onError?.(error)
    } catch {
      // The page's own handler failed; there is nobody left to tell.
    }
  }
  const caught = (cause: unknown): void => report(toSdkError(cause))
  return {
    report,
    wrap:
      (work, fallback) =>
      (...args) => {
        try {
          return work(...args)
        } catch (cause) {
          caught(cause)
          return fallback
        }
      },
    wrapAsync:
      (work, fallback) =>
      async (...args) => {
        try {
          return await work(...args)
        } catch (cause) {
          caught(cause)
          return fallback
        }
      },
  }
}

export function toSdkError(cause: unknown, details: SdkErrorDetails = {}): SdkError {
  if (cause instanceof SdkError) return cause
  return new SdkError('internal', cause instanceof Error ? cause.message : String(cause), {
    ...details,
    cause,
  })
}
