/** What a visit brought, without the truth: all the engine may see. */
export interface Seen {
  readonly atMs: number
  readonly evidence: {
    readonly deviceKey?: string
    readonly cookie?: string
    readonly deviceId?: string
  }
  /** An address prefix, as the server would see it. */
  readonly network?: string
  /** As the browser reported them. */
  readonly signals: Readonly<Record<string, unknown>>
  /** Names of signals that differed when read twice. */
  readonly unstable: readonly string[]
}

/** A recorded visit. */
export interface Visit {
  readonly seen: Seen
  /** The truth, for scoring and for calibration only. */
  readonly browser?: string
}

/** A line that is no visit. */
export class BadVisit extends Error {
  override readonly name = 'BadVisit'
}

type Fields = Readonly<Record<string, unknown>>

const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null

function readFields(value: unknown, name: string): Fields {
  if (isAbsent(value)) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new BadVisit(`${name} is no object`)
  // Any object may be read by name; its values stay unknown.
  return value as Fields
}

function readText(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (isAbsent(value) || value === '') return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw new BadVisit(`${name} is no text`)
}

function readNames(value: unknown): string[] {
  if (isAbsent(value)) return []
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value
  throw new BadVisit('unstable is no list of names')
}

function readTime(value: unknown): number | undefined {
  if (isAbsent(value)) return undefined
  const atMs = typeof value === 'string' ? Date.parse(value) : value
  if (typeof atMs === 'number' && Number.isSafeInteger(atMs) && atMs >= 0) return atMs
  throw new BadVisit(`t is no time: ${JSON.stringify(value)}`)
}

function keepTexts<Name extends string>(
  fields: Fields,
  ...names: readonly Name[]
): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const text = readText(fields, name)
    if (text !== undefined) texts[name] = text
  }
  return texts
}

/**
 * Reads visits in time order. Every key may be missing; a visit without `t` came at the moment of the one before it
 * (the first: 1970), and unknown keys are passed over. What is there must be of its kind: a recording that was bent on
 * its way is refused rather than judged.
 *
 * @throws BadVisit with what is wrong
 */
export function createVisitParser(): (value: unknown) => Visit {
  let lastMs = 0
  return (value) => {
    if (isAbsent(value)) throw new BadVisit('the visit is no object')
    const fields = readFields(value, 'the visit')
    const atMs = readTime(fields['t']) ?? lastMs
    if (atMs < lastMs) {
      const [now, before] = [atMs, lastMs].map((ms) => new Date(ms).toISOString())
      throw new BadVisit(`t goes back from ${before} to ${now}: visits must be in time order`)
    }
    lastMs = atMs
    return {
      ...keepTexts(fields, 'browser'),
      seen: {
        atMs,
        ...keepTexts(fields, 'network'),
        evidence: keepTexts(readFields(fields['evidence'], 'evidence'), 'deviceKey', 'cookie', 'deviceId'),
        signals: readFields(fields['signals'], 'signals'),
        unstable: readNames(fields['unstable']),
      },
    }
  }
}
