import { type NormalValue, normalizeValue } from './normalize-value.ts'
import { getSignal, SIGNAL_NAMES, type SignalName } from './signals.ts'

/** Signals in normal form. Assignable to the wire's `Signals`. */
export type NormalSignals = Partial<Record<SignalName, NormalValue>>

/**
 * Raw fingerprint data in normal form: our names, one format a value, rounded where privacy asks for it.
 * Takes our own names, those of document 000 (`screenResolution`, `language`, `timezone` …), FingerprintJS components
 * and request header names. Unknown keys and values of the wrong kind are dropped; any input is taken, and
 * normalising twice changes nothing.
 *
 * Screen sizes are rounded to 50 CSS pixels, long side first. Version numbers leave the user agent; the browser's
 * major is kept apart as `browserMajor`, which is evidence but no part of the hash.
 */
export function normalizeSignals(raw: unknown): NormalSignals {
  const signals: NormalSignals = {}
  for (const name of SIGNAL_NAMES) {
    const value = readSignal(raw, name)
    if (value !== undefined) signals[name] = value
  }
  const major =
    signals.browserMajor ?? readBrowserMajor(findRaw(raw, ['userAgent', ...getSignal('userAgent').aliases]))
  if (major !== undefined) signals.browserMajor = major
  return signals
}

function readSignal(raw: unknown, name: SignalName): NormalValue | undefined {
  const { kind, aliases } = getSignal(name)
  for (const alias of [name, ...aliases]) {
    const value = normalizeValue(kind, readPath(raw, alias))
    if (value !== undefined) return value
  }
  return undefined
}

function findRaw(raw: unknown, aliases: readonly string[]): unknown {
  const alias = aliases.find((path) => typeof readPath(raw, path) === 'string')
  return alias === undefined ? undefined : readPath(raw, alias)
}

/** The value at a dotted path of own properties, FingerprintJS's `{ value, duration }` wrappers taken off. */
function readPath(raw: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => unwrap(readOwn(value, key)), raw)
}

/** An own data property; neither prototypes nor getters are asked. */
function readOwn(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined
}

function unwrap(value: unknown): unknown {
  return readOwn(value, 'duration') === undefined ? value : readOwn(value, 'value')
}

/** The browser's major version, as the more special brand of a user agent tells it. */
function readBrowserMajor(userAgent: unknown): number | undefined {
  if (typeof userAgent !== 'string') return undefined
  // Brands before engines: Edge and Opera name Chrome too, Safari puts its version under `Version`.
  const match = [
    'Edg',
    'EdgA',
    'OPR',
    'SamsungBrowser',
    'Firefox',
    'FxiOS',
    'CriOS',
    'Chrome',
    'HeadlessChrome',
    'Version',
  ]
    .map((brand) => new RegExp(`\\b${brand}/(\\d{1,4})`).exec(userAgent.slice(0, 1024)))
    .find((found) => found !== null)
  return match?.[1] === undefined ? undefined : Number(match[1])
}
