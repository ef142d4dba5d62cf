/** What the page says of an uncaught error: an `ErrorEvent` or a `PromiseRejectionEvent`. */
export type Uncaught = Partial<Pick<ErrorEvent, 'colno' | 'error' | 'filename' | 'lineno' | 'message'>> &
  Partial<Pick<PromiseRejectionEvent, 'reason'>> & { type: string }

/** What was thrown, as it is: not fit to be told. */
export interface Thrown {
  type: string
  message: string
  stack: string
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** By what it looks like: an error of another frame is no instance of this one's `Error`, nor is a `DOMException`. */
function readError(value: unknown): Thrown | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { name, message, stack } = value as Partial<Error>
  if (!isText(message)) return undefined
  return { type: isText(name) ? name : 'Error', message, stack: isText(stack) ? stack : '' }
}

/** Of an object its keys, never its values. */
const describeValue = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `Object with ${Object.keys(value).slice(0, 16).join(', ') || 'no keys'}`
    : String(value)

/** The engine's own words, where there is no error to ask: all there is of another origin's script is "Script error.". */
function readMessage({ error, message = '' }: Uncaught): Thrown {
  if (typeof error === 'object' && error !== null) {
    return { type: 'UncaughtValue', message: describeValue(error), stack: '' }
  }
  const [, type = 'UncaughtValue', rest = message] =
    /^(?:Uncaught )?(?:(\w*(?:Error|Exception)): )?([\s\S]*)$/.exec(message) ?? []
  return { type, message: rest, stack: '' }
}

/** What was thrown, whatever it is: `throw` takes every value. */
export function readThrown(uncaught: Uncaught): Thrown {
  if (uncaught.type !== 'unhandledrejection') return readError(uncaught.error) ?? readMessage(uncaught)
  const { reason } = uncaught
  return readError(reason) ?? { type: 'UnhandledRejection', message: describeValue(reason), stack: '' }
}
