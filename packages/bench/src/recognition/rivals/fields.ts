// What the rivals' papers and sources call a browser's attributes, out of what browsers show in 2026.
import type { RawSignals, UaData } from '../world/visit.ts'

/** `Chrome`, `Firefox`, `Safari` …, as the more special brand tells it. */
export interface Agent {
  readonly family: string
  readonly major: number
  readonly os: string
}

const MARKS: readonly (readonly [family: string, mark: RegExp])[] = [
  ['Edge', /Edg(?:A|iOS)?\/(\d+)/],
  ['Opera', /OPR\/(\d+)/],
  ['Samsung', /SamsungBrowser\/(\d+)/],
  ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /(?:Chrome|CriOS)\/(\d+)/],
  ['Safari', /Version\/(\d+)/],
]

const SYSTEMS: readonly (readonly [os: string, mark: RegExp])[] = [
  ['iOS', /iPhone|iPad/],
  ['Android', /Android/],
  ['ChromeOS', /CrOS/],
  ['Windows', /Windows/],
  ['macOS', /Macintosh/],
  ['Linux', /Linux|X11/],
]

/** Brave hides in the user agent, not in its brands. */
const isBrave = (uaData: UaData | undefined) => uaData?.brands.some(([brand]) => brand === 'Brave') === true

export function readAgent({ userAgent = '', uaData }: RawSignals): Agent {
  const found = MARKS.map(([family, mark]) => [family, mark.exec(userAgent)?.[1]] as const).find(
    ([, major]) => major !== undefined,
  )
  return {
    family: isBrave(uaData) ? 'Brave' : (found?.[0] ?? ''),
    major: Number(found?.[1] ?? 0),
    os: SYSTEMS.find(([, mark]) => mark.test(userAgent))?.[0] ?? '',
  }
}

/** One text for any value, equal where the values are. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
