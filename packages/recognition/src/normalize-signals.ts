import { type NormalValue, normalizeValue } from './normalize-value.ts'
import { SIGNAL_ALIASES } from './signal-aliases.ts'
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
  return normalizeBy((name) => [name, ...(SIGNAL_ALIASES[name] ?? [])].map((alias) => readPath(raw, alias)))
}

/** The same for raw values under our own names, as our own collector gives them: small enough for a browser. */
export function normalizeObserved(raw: Readonly<Partial<Record<SignalName, unknown>>>): NormalSignals {
  return normalizeBy((name) => [raw[name]])
}

/** @param readAll what stands under the names of a signal, our own first */
function normalizeBy(readAll: (name: SignalName) => unknown[]): NormalSignals {
  const signals: NormalSignals = {}
  for (const name of SIGNAL_NAMES) {
    const { kind } = getSignal(name)
    const value = readAll(name)
      .map((raw) => normalizeValue(kind, raw))
      .find((normal) => normal !== undefined)
    if (value !== undefined) signals[name] = value
  }
  const major =
    signals.browserMajor ?? readBrowserMajor(readAll('userAgent').find((value) => typeof value === 'string'))
  if (major !== undefined) signals.browserMajor = major
  return signals
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
