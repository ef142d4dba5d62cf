import {
  listFalsified,
  type NormalSignals,
  normalizeSignals,
  SIGNAL_NAMES,
  type SignalName,
} from '../../../../recognition/src/index.ts'
import type { Seen } from './parse-visit.ts'

/** A visit in the engine's words. */
export interface NormalVisit {
  readonly signals: NormalSignals
  readonly unstable: readonly SignalName[]
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  // Any object may be read by name; its values stay unknown.
  typeof value === 'object' && value !== null ? (value as Fields) : {}

/** Name and version, as either form of client hints has them. */
const brandsOf = (brands: unknown): readonly (readonly unknown[])[] =>
  Array.isArray(brands)
    ? brands.map((brand: unknown) =>
        Array.isArray(brand) ? brand : [fieldsOf(brand)['brand'], fieldsOf(brand)['version']],
      )
    : []

/** The major version of the browser's own brand; of the engine where there is no other; never of the made-up one. */
function majorOf(brands: unknown): number | undefined {
  const versions = brandsOf(brands)
    .filter(([name]) => typeof name === 'string' && !/not.?a.?brand/i.test(name))
    .sort(([left], [right]) => Number(left === 'Chromium') - Number(right === 'Chromium'))
    .map(([, version]) => Number.parseInt(String(version), 10))
  return versions.find((version) => Number.isInteger(version))
}

/** User-agent client hints under the names by which the normaliser knows them. */
function readHints(uaData: Fields): Fields {
  const { platform, platformVersion, model, architecture, brands } = uaData
  return {
    uaPlatform: platform,
    uaPlatformVersion: platformVersion,
    model: model === '' ? undefined : model,
    architecture,
    browserMajor: majorOf(brands),
  }
}

const withoutGaps = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/**
 * What a browser reported, in normal form, as the server takes it. Signals named outright come before those of
 * `uaData`; the network is what the server sees, so a report cannot claim one.
 */
export function normalizeVisit({ signals, unstable }: Pick<Seen, 'signals' | 'unstable'>): NormalVisit {
  const { networkPrefix: _, ...normal } = normalizeSignals({
    ...withoutGaps(readHints(fieldsOf(signals['uaData']))),
    ...signals,
  })
  // The page's own probes name what Brave falsifies as noise; a recording has the brand alone.
  const isBrave = brandsOf(fieldsOf(signals['uaData'])['brands']).some(([name]) => name === 'Brave')
  const noise = new Set<string>([...unstable, ...listFalsified(isBrave ? 'brave' : 'none')])
  return { signals: normal, unstable: SIGNAL_NAMES.filter((name) => noise.has(name)) }
}
