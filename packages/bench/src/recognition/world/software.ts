// Which versions a browser runs on a day, and how user agent and client hints tell them.
import type { Browser, BrowserName } from './browser.ts'
import { appleVersion, chromeRow, type Day, firefoxRow, osRow, releaseAt } from './releases.ts'
import type { DriftSettings } from './settings.ts'
import type { UaData } from './visit.ts'

export type Engine = 'blink' | 'gecko' | 'webkit'
export type System = 'android' | 'chromeos' | 'ios' | 'ipados' | 'linux' | 'mac' | 'windows'

export interface Software {
  readonly engine: Engine
  readonly system: System
  /** The browser's major; Safari's is the system's. */
  readonly major: number
  /** As client hints tell the system's version. */
  readonly systemVersion: string
  /** Rises when the system draws text or plays sound in another way. */
  readonly systemEpoch: number
  /** Releases of the GPU's driver. */
  readonly driver: number
}

export function systemOf({ device }: Browser): System {
  if (device.kind === 'desktop') return device.model.os
  if (device.kind === 'android') return 'android'
  return device.kind === 'ipad' ? 'ipados' : 'ios'
}

const engineOf = (name: BrowserName, system: System): Engine => {
  if (system === 'ios' || system === 'ipados' || name === 'safari') return 'webkit'
  return name === 'firefox' ? 'gecko' : 'blink'
}

export function softwareAt(browser: Browser, day: Day, drift: DriftSettings): Software {
  const system = systemOf(browser)
  const release = releaseAt(osRow(drift.osReleasesPerYear), browser.osHabit, day)
  const { version, epoch } = systemVersion(browser, { system, release, perYear: drift.osReleasesPerYear })
  const driverRow = { ...osRow(drift.driverReleasesPerYear), number: 40 }
  return {
    engine: engineOf(browser.name, system),
    system,
    major: majorAt(browser, day, { drift, systemVersion: version }),
    systemVersion: version,
    systemEpoch: epoch,
    // Phones and Macs get drivers with the system.
    driver:
      system === 'windows' || system === 'linux' ? releaseAt(driverRow, browser.driverHabit, day) : epoch,
  }
}

interface MajorOrder {
  readonly drift: DriftSettings
  readonly systemVersion: string
}

function majorAt(browser: Browser, day: Day, { drift, systemVersion: version }: MajorOrder): number {
  if (browser.name === 'safari') return Number(version.split('.')[0])
  if (browser.name === 'firefox') return releaseAt(firefoxRow(drift.firefoxDays), browser.browserHabit, day)
  const chrome = releaseAt(chromeRow(drift.chromeDays), browser.browserHabit, day)
  // Samsung and Opera follow Chromium some versions behind, and skip most of them.
  if (browser.name === 'samsung') return chrome - 4 - (chrome % 6)
  return browser.name === 'opera' ? chrome - 2 - (chrome % 2) : chrome
}

interface VersionOrder {
  readonly system: System
  readonly release: number
  readonly perYear: number
}

interface SystemVersion {
  readonly version: string
  readonly epoch: number
}

function systemVersion(browser: Browser, order: VersionOrder): SystemVersion {
  const { device, osYearsBehind, seed } = browser
  const { system, release, perYear } = order
  const year = Math.floor(release / perYear) - osYearsBehind
  if (system === 'windows') return windowsVersion(year, osYearsBehind > 0)
  if (system === 'linux') return linuxVersion(seed, release, year)
  if (device.kind === 'android') {
    const version = Math.max(9, Math.min(device.model.newestOs, 16 + year))
    return { version: `${version}.0.0`, epoch: version }
  }
  const newest = device.kind === 'desktop' ? 99 : device.model.newestOs
  return appleOrChromeVersion({ ...order, release: release - osYearsBehind * perYear, newest })
}

/** Client hints: 10 is Windows 10, 15 and 19 are Windows 11 of 2023 and 2025, and so on by year. */
function windowsVersion(year: number, isTen: boolean): SystemVersion {
  const version = isTen ? 10 : year < 0 ? 15 : 19 + year
  return { version: `${version}.0.0`, epoch: version }
}

/** Kernels of the distributions people run: a long-term one, or the newest. */
function linuxVersion(seed: number, release: number, year: number): SystemVersion {
  const isRolling = seed % 3 === 0
  if (isRolling) return { version: `6.${14 + Math.max(0, release)}.0`, epoch: 20 + year }
  return { version: ['6.8.0', '6.1.0', '5.15.0', '6.12.0'][seed % 4] ?? '6.8.0', epoch: seed % 4 }
}

function appleOrChromeVersion(order: VersionOrder & { readonly newest: number }): SystemVersion {
  const { major, minor } = appleVersion(order.release, order.perYear)
  if (order.system === 'chromeos') return { version: `${16_400 + order.release * 40}.0.0`, epoch: major }
  const isOld = major > order.newest
  const told = isOld ? order.newest : major
  return { version: `${told}.${isOld ? 7 : minor}${order.system === 'mac' ? '.0' : ''}`, epoch: told }
}

/** The parenthesis of a user agent; most are frozen, so that they tell no version any more. */
const PLATFORM_PARTS: Readonly<Record<System, string>> = {
  windows: 'Windows NT 10.0; Win64; x64',
  mac: 'Macintosh; Intel Mac OS X 10_15_7',
  linux: 'X11; Linux x86_64',
  chromeos: 'X11; CrOS x86_64 14541.0.0',
  android: 'Linux; Android 10; K',
  ios: 'iPhone; CPU iPhone OS 18_7 like Mac OS X',
  ipados: 'Macintosh; Intel Mac OS X 10_15_7',
}

export function userAgentOf(
  name: BrowserName,
  { engine, system, major, systemVersion: version }: Software,
): string {
  const part = PLATFORM_PARTS[system]
  if (engine === 'gecko') {
    const agent =
      system === 'android' ? `Android ${version.split('.')[0]}; Mobile` : part.replace('10_15_7', '10.15')
    return `Mozilla/5.0 (${agent}; rv:${major}.0) Gecko/${system === 'android' ? `${major}.0` : '20100101'} Firefox/${major}.0`
  }
  if (engine === 'webkit')
    return webkitAgent(name, { part: appleSystem(system, version), major, system, version })
  const mobile = system === 'android' ? ' Mobile' : ''
  const brand = {
    brave: '',
    chrome: '',
    edge: ` ${system === 'android' ? 'EdgA' : 'Edg'}/${major}.0.0.0`,
    firefox: '',
    opera: ` OPR/${major - 16}.0.0.0`,
    safari: '',
    samsung: '',
  }[name]
  const samsung = name === 'samsung' ? `SamsungBrowser/${Math.floor(major / 6) + 4}.0 ` : ''
  return `Mozilla/5.0 (${part}) AppleWebKit/537.36 (KHTML, like Gecko) ${samsung}Chrome/${major}.0.0.0${mobile} Safari/537.36${brand}`
}

/** Safari froze the system's version in September 2025; what is older tells it. */
const appleSystem = (system: System, version: string): string =>
  system === 'ios' && Number.parseInt(version, 10) < 26
    ? `iPhone; CPU iPhone OS ${version.replaceAll('.', '_')} like Mac OS X`
    : PLATFORM_PARTS[system]

interface WebkitOrder {
  readonly part: string
  readonly major: number
  readonly system: System
  readonly version: string
}

function webkitAgent(name: BrowserName, { part, major, system, version }: WebkitOrder): string {
  const mobile = system === 'ios' ? ' Mobile/15E148' : ''
  const told =
    name === 'chrome' ? `CriOS/${major}.0.0.0` : `Version/${version.split('.').slice(0, 2).join('.')}`
  return `Mozilla/5.0 (${part}) AppleWebKit/605.1.15 (KHTML, like Gecko) ${told}${mobile} Safari/${system === 'ios' ? '604.1' : '605.1.15'}`
}

const HINT_PLATFORMS: Partial<Record<System, string>> = {
  windows: 'Windows',
  mac: 'macOS',
  linux: 'Linux',
  chromeos: 'Chrome OS',
  android: 'Android',
}
const BRANDS: Partial<Record<BrowserName, string>> = {
  brave: 'Brave',
  chrome: 'Google Chrome',
  edge: 'Microsoft Edge',
  opera: 'Opera',
  samsung: 'Samsung Internet',
}

/** Client hints; browsers but Chromium's have none. */
export function uaDataOf({ name, device }: Browser, software: Software): UaData | undefined {
  const platform = HINT_PLATFORMS[software.system]
  const brand = BRANDS[name]
  if (software.engine !== 'blink' || platform === undefined || brand === undefined) return undefined
  const version = String(software.major)
  return {
    brands: [
      ['Not.A/Brand', '8'],
      ['Chromium', version],
      [brand, name === 'opera' ? String(software.major - 16) : version],
    ],
    platform,
    platformVersion: software.systemVersion,
    // Brave hides the model.
    model: device.kind === 'android' && name !== 'brave' ? device.model.name : '',
  }
}
