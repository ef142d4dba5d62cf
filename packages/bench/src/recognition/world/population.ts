import { type AndroidModel, createAndroidModels } from './android-models.ts'
import { type AppleModel, IPADS, IPHONES } from './apple-models.ts'
import type { Browser, BrowserName, Device, Fleet } from './browser.ts'
import { type Display, readCatalogue } from './catalogue.ts'
import {
  createChromebookModels,
  createMacModels,
  createPcModels,
  type DesktopModel,
  type DesktopOs,
  drawSecondGpu,
} from './desktop-models.ts'
import { drawOwnFonts, sortFonts } from './fonts.ts'
import {
  chance,
  createRandom,
  createTable,
  draw,
  exponential,
  mix,
  type Random,
  seedOf,
  type Table,
  tableOf,
  whole,
} from './random.ts'
import { REGIONS } from './regions.ts'
import { dayOf, type UpdateHabit } from './releases.ts'
import type { DesktopBrowser, DeviceKind, RegionName, WorldSettings } from './settings.ts'

/** What browsers are drawn from; made once a world. */
interface Stock {
  readonly settings: WorldSettings
  readonly devices: Table<DeviceKind>
  readonly regions: Table<RegionName>
  readonly desktopBrowsers: Table<DesktopBrowser>
  readonly desktops: Readonly<Record<DesktopOs, Table<DesktopModel>>>
  readonly androids: Table<AndroidModel>
  readonly iphones: Table<AppleModel>
  readonly ipads: Table<AppleModel>
  readonly fonts: Readonly<Record<DesktopOs, Table<readonly string[]>>>
  readonly docks: Table<Display>
  /** Fleet of a browser's number; the first numbers are the fleets'. */
  readonly fleets: readonly Fleet[]
}

/** Draws a world's browsers by number, each always the same one. */
export function createPopulation(settings: WorldSettings): (index: number) => Browser {
  const stock = createStock(settings)
  return (index) => {
    const fleet = stock.fleets[index]
    const random = createRandom(settings.seed, index)
    // Machines of a fleet are drawn from the fleet's own numbers, so that they come out alike.
    const shared = fleet === undefined ? random : createRandom(mix(settings.seed, 0xf1ee7), fleet.number)
    return drawBrowser(stock, { index, fleet, random, shared })
  }
}

function createStock(settings: WorldSettings): Stock {
  const { population, seed } = settings
  const catalogue = readCatalogue()
  const pcs = (os: 'linux' | 'windows') =>
    createPcModels(os, { shelf: catalogue[os], settings: population, seed })
  const fonts = (os: 'linux' | 'mac' | 'windows') => createTable(catalogue[os].fonts)
  const byWeight = (models: readonly AppleModel[]) =>
    createTable(models.map((model) => [model, model.weight] as const))
  return {
    settings,
    // Beside the fleets, which come first.
    devices: tableOf({
      ...population.devices,
      windows: (population.devices.windows ?? 0) * (1 - population.inFleets),
    }),
    regions: tableOf(population.regions),
    desktopBrowsers: tableOf(population.desktopBrowsers),
    desktops: {
      windows: pcs('windows'),
      linux: pcs('linux'),
      mac: createMacModels(catalogue, seed),
      chromeos: createChromebookModels(),
    },
    androids: createAndroidModels(catalogue, seed),
    iphones: byWeight(IPHONES),
    ipads: byWeight(IPADS),
    fonts: {
      windows: fonts('windows'),
      mac: fonts('mac'),
      linux: fonts('linux'),
      chromeos: createTable([[['Noto Sans'], 1]]),
    },
    docks: createTable(
      catalogue.windows.displays.filter(([display]) => display.ratio === 1 && display.width >= 1680),
    ),
    fleets: createFleets(settings),
  }
}

function createFleets({ population, seed, browsers }: WorldSettings): readonly Fleet[] {
  const random = createRandom(seed, mix(seed, 0xf1ee7))
  const total = Object.values(population.devices).reduce((sum, weight) => sum + weight, 0)
  const wanted = Math.round((browsers * population.inFleets * (population.devices.windows ?? 0)) / total)
  const fleets: Fleet[] = []
  for (let number = 1; fleets.length < wanted; number++) {
    const size = whole(...population.fleetSize, random)
    const isBehindOnePrefix = chance(population.fleetsBehindOnePrefix, random)
    for (let machine = 0; machine < size && fleets.length < wanted; machine++) {
      fleets.push({ number, size, isBehindOnePrefix })
    }
  }
  return fleets
}

/** Days ago at which updates stopped: a system's last supported version, an image nobody renewed. */
const STOPS = createTable([
  [40, 3],
  [130, 3],
  [300, 2],
  [560, 2],
  [900, 1],
])

interface Draw {
  readonly index: number
  readonly fleet: Fleet | undefined
  /** The browser's own. */
  readonly random: Random
  /** The fleet's, if it is in one. */
  readonly shared: Random
}

function drawBrowser(stock: Stock, { index, fleet, random, shared }: Draw): Browser {
  const { population, seed } = stock.settings
  const device = drawDevice(stock, fleet, shared)
  const name = drawName(stock, device, shared)
  const region = draw(stock.regions, shared)
  const { timezones, languages } = REGIONS[region]
  const isDesktop = device.kind === 'desktop'
  // Fleets are administered: nobody adds fonts or zooms for good.
  const isFree = isDesktop && fleet === undefined
  const baseFonts = drawBaseFonts(stock, device, shared)
  const ownFonts =
    isFree && chance(population.ownFonts, random) ? drawOwnFonts(population.ownFontBundles, random) : []
  return {
    id: `b${index + 1}`,
    seed: mix(seed, index),
    random,
    name,
    device,
    region,
    fleet,
    timezone: draw(timezones, shared),
    languages: draw(languages, shared),
    baseFonts,
    ownFonts,
    fonts: sortFonts(baseFonts, ownFonts),
    zoom: isFree && chance(population.zoomed, random) ? drawZoom(random) : 1,
    ...drawDesk(stock, device, shared),
    isOnSecondGpu: false,
    isHdr: false,
    hasExtraTouch: false,
    ...drawHabits(stock, device, {
      shared,
      of: fleet === undefined ? mix(seed, index) : mix(seed, -fleet.number),
    }),
    osYearsBehind: drawYearsBehind(device, shared),
    rendering: isDesktop
      ? { text: drawSmall(0.3, shared), sound: drawSmall(0.25, shared) }
      : { text: 0, sound: 0 },
    isResisting: name === 'firefox' && chance(population.resisting, random),
  }
}

function drawHabits(
  { settings }: Stock,
  device: Device,
  { shared, of }: { readonly shared: Random; readonly of: number },
): Pick<Browser, 'browserHabit' | 'driverHabit' | 'osHabit'> {
  const { drift, startsAt } = settings
  const habit = (lagDays: number, salt: number): UpdateHabit => ({
    seed: mix(of, salt),
    lagDays: lagDays * (0.25 + exponential(0.75, shared)),
    ...(chance(drift.neverUpdates, shared) ? { stoppedOn: dayOf(startsAt) - draw(STOPS, shared) } : {}),
  })
  return {
    browserHabit: habit(drift.updateLagDays, 1),
    osHabit: habit(device.kind === 'desktop' ? 25 : 12, 2),
    driverHabit: habit(120, 3),
  }
}

/** What a device stands on and is plugged into. */
function drawDesk(
  stock: Stock,
  device: Device,
  random: Random,
): Pick<Browser, 'display' | 'docks' | 'secondGpu'> {
  if (device.kind !== 'desktop') return { display: device.model.display, docks: [], secondGpu: undefined }
  const { docked, hybridGraphics } = stock.settings.drift
  const own = device.build.display
  if (!device.model.isLaptop) {
    return { display: chance(0.2, random) ? draw(stock.docks, random) : own, docks: [], secondGpu: undefined }
  }
  return {
    display: own,
    docks: chance(docked, random) ? drawDocks(stock, random) : [],
    secondGpu: chance(hybridGraphics, random) ? drawSecondGpu(device.model.os, random) : undefined,
  }
}

function drawDevice(stock: Stock, fleet: Fleet | undefined, random: Random): Device {
  const kind = fleet === undefined ? draw(stock.devices, random) : 'windows'
  if (kind === 'iphone' || kind === 'ipad') {
    return { kind, model: draw(kind === 'iphone' ? stock.iphones : stock.ipads, random) }
  }
  if (kind === 'android') {
    const model = draw(stock.androids, random)
    return { kind, model, memory: model.memory[whole(0, model.memory.length - 1, random)] ?? 8 }
  }
  const model = draw(stock.desktops[kind === 'chromebook' ? 'chromeos' : kind], random)
  return { kind: 'desktop', model, gpu: model.gpu, build: draw(model.builds, random) }
}

const ANDROID_BROWSERS: Table<BrowserName> = createTable([
  ['chrome', 90],
  ['firefox', 2],
  ['edge', 1],
  ['opera', 4],
  ['brave', 3],
])
const APPLE_BROWSERS: Table<BrowserName> = createTable([
  ['safari', 90],
  ['chrome', 10],
])

function drawName({ settings, desktopBrowsers }: Stock, device: Device, random: Random): BrowserName {
  if (device.kind === 'android') {
    return device.model.isSamsung && chance(0.3, random) ? 'samsung' : draw(ANDROID_BROWSERS, random)
  }
  if (device.kind !== 'desktop') return draw(APPLE_BROWSERS, random)
  if (device.model.os === 'chromeos') return 'chrome'
  if (device.model.os === 'mac' && chance(settings.population.safariOnMac, random)) return 'safari'
  return draw(desktopBrowsers, random)
}

/** Share of machines that kept the fonts their model came with: system image, its maker's programs, office. */
const STOCK_FONTS = 0.95

function drawBaseFonts({ fonts }: Stock, device: Device, random: Random): readonly string[] {
  if (device.kind === 'android') return ANDROID_FONTS
  if (device.kind !== 'desktop') return APPLE_FONTS
  const all = fonts[device.model.os]
  if (!chance(STOCK_FONTS, random)) return draw(all, random)
  // With office or without it.
  const image = createRandom(seedOf(device.model.gpu.renderer), chance(0.35, random) ? 1 : 0)
  return draw(all, image)
}

const ANDROID_FONTS = ['sans-serif-thin']
const APPLE_FONTS = ['Gill Sans', 'Helvetica Neue', 'Menlo']

/** One dock at work; one in three has another at home. */
function drawDocks({ docks }: Stock, random: Random): readonly Display[] {
  const first = draw(docks, random)
  return chance(1 / 3, random) ? [first, draw(docks, random)] : [first]
}

const ZOOMS = createTable([
  [1.1, 5],
  [1.25, 4],
  [0.9, 3],
  [0.8, 2],
  [1.5, 2],
  [0.67, 1],
  [1.75, 1],
])
export const drawZoom = (random: Random): number => draw(ZOOMS, random)

/** Windows 10 beside 11, Androids that get no more updates, Macs and iPhones that were left behind. */
function drawYearsBehind(device: Device, random: Random): number {
  if (device.kind === 'android') return Math.min(7, Math.floor(exponential(1.6, random)))
  if (device.kind === 'desktop' && device.model.os === 'windows') return chance(0.22, random) ? 4 : 0
  return chance(0.12, random) ? whole(1, 2, random) : 0
}

/** 0 mostly, seldom up to 5. */
const drawSmall = (mean: number, random: Random): number => Math.min(5, Math.floor(exponential(mean, random)))
