// What befalls a browser between its visits. Each event moves all that hangs on it.

import type { Browser } from './browser.ts'
import type { Display } from './catalogue.ts'
import { drawNewGpu } from './desktop-models.ts'
import { changeOwnFonts, sortFonts } from './fonts.ts'
import { drawZoom } from './population.ts'
import { createRandom, createTable, draw, exponential, mix, personal, type Random, whole } from './random.ts'
import { REGIONS } from './regions.ts'
import type { Day } from './releases.ts'
import type { DriftSettings, RegionName } from './settings.ts'

/** A journey: another timezone and network until it ends. */
export interface Trip {
  readonly until: Day
  readonly region: RegionName
  readonly timezone: string
  /** Lent devices and hotel computers apart, few people change their languages on the way. */
  readonly languages: readonly string[] | undefined
}

/** A browser's life between visits. */
export interface Life {
  readonly random: Random
  /** When each kind of event happens next, in the order of {@link EVENTS}. */
  readonly next: Float64Array
  /** Days between events of each kind, for this person. */
  readonly gaps: Float64Array
  trip: Trip | undefined
  isDocked: boolean
  dock: number
  renewals: number
}

interface Event {
  readonly perYear: (drift: DriftSettings, browser: Browser) => number
  readonly befall: (browser: Browser, life: Life, day: Day) => void
}

const isDesktop = ({ device }: Browser) => device.kind === 'desktop'
/** Fleets are administered: who sits there installs and changes little. */
const freedom = (browser: Browser) => (browser.fleet === undefined ? 1 : 0.15)

const EVENTS: readonly Event[] = [
  {
    perYear: (drift, browser) => (isDesktop(browser) ? drift.fontInstallsPerYear * freedom(browser) : 0),
    befall: (browser, { random }) => {
      browser.ownFonts = changeOwnFonts(browser.ownFonts, random)
      browser.fonts = sortFonts(browser.baseFonts, browser.ownFonts)
    },
  },
  {
    perYear: (drift, browser) => drift.languageChangesPerYear * freedom(browser),
    befall: (browser, { random }) => {
      const list = draw(REGIONS[browser.region].languages, random)
      // Another language, or the same ones in another order.
      browser.languages = list.join() === browser.languages.join() ? browser.languages.toReversed() : list
    },
  },
  {
    perYear: (drift, browser) => (isDesktop(browser) ? drift.preferenceChangesPerYear * freedom(browser) : 0),
    befall: (browser, { random }) => {
      if (random() < 0.5) browser.isHdr = !browser.isHdr
      else browser.hasExtraTouch = !browser.hasExtraTouch
    },
  },
  {
    perYear: (drift, browser) => (isDesktop(browser) ? drift.zoomChangesPerYear * freedom(browser) : 0),
    // Back to normal as often as away from it.
    befall: (browser, { random }) => {
      browser.zoom = browser.zoom === 1 ? drawZoom(random) : 1
    },
  },
  {
    perYear: (drift, browser) => (isDesktop(browser) ? drift.displayChangesPerYear * freedom(browser) : 0),
    befall: (browser, { random }) => {
      browser.display = rescale(browser, random)
    },
  },
  {
    perYear: (drift, browser) => (isPc(browser) ? drift.hardwareChangesPerYear * freedom(browser) : 0),
    befall: changeHardware,
  },
  {
    perYear: (drift) => drift.networkRenewalsPerYear,
    befall: (_, life) => {
      life.renewals++
    },
  },
  {
    perYear: (drift, browser) => (isTraveller(browser, drift) ? drift.tripsPerYear : 0),
    befall: (_, life, day) => {
      const region = draw(DESTINATIONS, life.random)
      const languages = life.random() < 0.05 ? draw(REGIONS[region].languages, life.random) : undefined
      const timezone = draw(REGIONS[region].timezones, life.random)
      life.trip = { until: day + whole(2, 16, life.random), region, timezone, languages }
    },
  },
]

const DESTINATIONS = createTable(
  // The regions of regions.ts, all alike.
  (Object.keys(REGIONS) as RegionName[]).map((name) => [name, 1] as const),
)

/** Desktops stay at home. */
function isTraveller(browser: Browser, drift: DriftSettings): boolean {
  const { device, seed } = browser
  const isPortable = device.kind !== 'desktop' || device.model.isLaptop
  return isPortable && mix(seed, 0x7a_1b) / 0x1_0000_0000 < drift.travellers * freedom(browser)
}

const isPc = ({ device }: Browser) =>
  device.kind === 'desktop' && (device.model.os === 'windows' || device.model.os === 'linux')

const SCALES = [1, 1.25, 1.5, 2] as const

/** The system's scale moves size and ratio together; one time in three it is another monitor. */
function rescale({ display, device }: Browser, random: Random): Display {
  if (device.kind === 'desktop' && random() < 1 / 3) {
    const other = draw(device.model.builds, random).display
    if (other.width !== display.width) return other
  }
  const ratio = SCALES[whole(0, SCALES.length - 1, random)] ?? 1
  const scale = display.ratio / ratio
  return {
    ...display,
    ratio,
    width: Math.round(display.width * scale),
    height: Math.round(display.height * scale),
  }
}

/** More memory; in towers as often another card, which draws canvas and WebGL differently too. */
function changeHardware({ device }: Browser, { random }: Life): void {
  if (device.kind !== 'desktop') return
  const { build } = device
  if (device.model.isLaptop || random() < 0.5) {
    device.build = { ...build, memory: Math.min(32, build.memory * 2) }
    return
  }
  device.gpu = drawNewGpu(device.model.os, random)
}

/** From the day a browser is first seen. */
export function beginLife(browser: Browser, drift: DriftSettings, day: Day): Life {
  const random = createRandom(browser.seed, 0x11fe)
  const gaps = Float64Array.from(EVENTS, ({ perYear }) => {
    const rate = perYear(drift, browser) * personal(drift.unevenness, random)
    return rate > 0 ? 365 / rate : Number.POSITIVE_INFINITY
  })
  const next = gaps.map((gap) => (Number.isFinite(gap) ? day + exponential(gap, random) : gap))
  return { random, next, gaps, trip: undefined, isDocked: false, dock: 0, renewals: 0 }
}

/** Everything up to a day. */
export function live(browser: Browser, life: Life, today: Day): void {
  for (const [kind, { befall }] of EVENTS.entries()) {
    for (let day = life.next[kind] ?? Number.POSITIVE_INFINITY; day <= today; day = life.next[kind] ?? 0) {
      befall(browser, life, day)
      life.next[kind] = day + exponential(life.gaps[kind] ?? 1, life.random)
    }
  }
  if (life.trip !== undefined && life.trip.until < today) life.trip = undefined
}

/**
 * Where the person sits and which GPU draws, as last time half of the time: of displays and GPUs a machine goes back
 * and forth between the same two or three.
 */
export function sitDown(browser: Browser, life: Life, dockedVisits: number): void {
  if (life.random() < 0.5) return
  life.isDocked = browser.docks.length > 0 && life.trip === undefined && life.random() < dockedVisits
  life.dock = whole(0, Math.max(0, browser.docks.length - 1), life.random)
  browser.isOnSecondGpu = browser.secondGpu !== undefined && life.random() < 0.3
}

export const displayOn = (browser: Browser, { isDocked, dock, trip }: Life): Display =>
  (isDocked && trip === undefined ? browser.docks[dock] : undefined) ?? browser.display
