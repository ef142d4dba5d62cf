import type { Browser } from './browser.ts'
import { mix, type Random, seedOf, whole } from './random.ts'
import type { RegionName } from './settings.ts'

/** Address prefixes are shared: so many browsers of one region stand behind one on average. */
const BROWSERS_A_PREFIX = 3
/** Prefixes a region's mobile carriers put everybody behind (carrier-grade NAT). */
const CARRIER_PREFIXES = 60

export interface NetworkSize {
  /** Browsers of the world. */
  readonly browsers: number
}

/** Invented addresses; pools overlap by chance only. */
const prefix = (pool: number, position: number): string => {
  const hash = mix(pool, position)
  return `${10 + ((hash >>> 16) % 90)}.${(hash >>> 8) & 255}.${hash & 255}.0/24`
}

/** The home's prefix after so many renewals; a fleet's office has one of its own. */
export function homePrefix(browser: Browser, renewals: number, { browsers }: NetworkSize): string {
  const { fleet, region, seed } = browser
  if (fleet?.isBehindOnePrefix === true) return prefix(seedOf('office'), mix(fleet.number, renewals))
  const pool = Math.max(4, Math.round(browsers / BROWSERS_A_PREFIX))
  return prefix(seedOf(region), mix(seed, renewals) % pool)
}

/** A phone's carrier, any of its prefixes; a laptop's second place. */
export function otherPrefix(browser: Browser, random: Random): string {
  if (browser.device.kind !== 'desktop') return carrierPrefix(browser.region, random)
  return prefix(seedOf(browser.region), mix(browser.seed, 0xca_fe))
}

export const carrierPrefix = (region: RegionName, random: Random): string =>
  prefix(seedOf(`${region} carrier`), whole(1, CARRIER_PREFIXES, random))
