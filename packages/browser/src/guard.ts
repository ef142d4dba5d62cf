import { SdkError } from './sdk-error.ts'

type AnyFunction = (...args: never[]) => unknown

/** Keeps what goes wrong in the SDK away from the page. */
export interface Guard {
  report(error: unknown): void
  /** The same function, but a throw or a rejection is reported, and what `otherwise` gives comes back. */
  wrap<F extends AnyFunction>(work: F, otherwise?: () => unknown): F
}

export interface GuardOptions {
  onError?: ((error: SdkError) => void) | undefined
  debug?: boolean | undefined
}

export function createGuard({ onError, debug }: GuardOptions): Guard {
  function report(cause: unknown): void {
    try {
      const error = cause instanceof SdkError ? cause : new SdkError('internal', String(cause), { cause })
      // biome-ignore lint/suspicious/noConsole: the option `debug` asks for it.
      if (debug) console.error('Hello Again', error)
      onError?.(error)
    } catch {
      // The page's own handler failed; there is nobody left to tell.
    }
  }
  return {
    report,
    wrap<F extends AnyFunction>(work: F, otherwise?: () => unknown) {
      const guarded = (...args: Parameters<F>): unknown => {
        const caught = (cause: unknown): unknown => {
          report(cause)
          return otherwise?.()
        }
        try {
          const result = work(...args)
          return result instanceof Promise ? result.catch(caught) : result
        } catch (cause) {
          return caught(cause)
        }
      }
      // The caller's types hold, as `otherwise` answers in kind.
      return guarded as F
    },
  }
}
