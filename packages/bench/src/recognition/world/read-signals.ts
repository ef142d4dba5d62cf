// What a page reads in a browser at one moment. Pictures and sounds come out of what makes them: engine, system,
// GPU family, driver, and their epochs; nobody owns a canvas of his own.
import type { Browser } from './browser.ts'
import type { Display, Gpu } from './catalogue.ts'
import { digest, unitOf } from './random.ts'
import { tellLanguages } from './regions.ts'
import type { Day } from './releases.ts'
import type { DriftSettings } from './settings.ts'
import { type Software, type System, softwareAt, uaDataOf, userAgentOf } from './software.ts'
import type { RawSignals } from './visit.ts'

export interface Moment {
  readonly day: Day
  readonly display: Display
  readonly timezone: string
  /** As the person lists them. */
  readonly languages: readonly string[]
  readonly isPrivate: boolean
  /** Differs from one session of the browser to another: the key of its noise. */
  readonly session: number
}

export interface Reading {
  readonly signals: RawSignals
  /** Came out differently when read twice. */
  readonly unstable: readonly (keyof RawSignals)[]
}

const PLATFORMS: Readonly<Record<System, string>> = {
  windows: 'Win32',
  mac: 'MacIntel',
  linux: 'Linux x86_64',
  chromeos: 'Linux x86_64',
  android: 'Linux armv81',
  ios: 'iPhone',
  ipados: 'MacIntel',
}

export function readSignals(browser: Browser, moment: Moment, drift: DriftSettings): Reading {
  const software = softwareAt(browser, moment.day, drift)
  const { engine, system } = software
  const gpu = tellGpu(browser, software)
  const uaData = uaDataOf(browser, software)
  const memory = memoryOf(browser, software)
  const signals: RawSignals = {
    userAgent: userAgentOf(browser.name, software),
    ...(uaData === undefined ? {} : { uaData }),
    platform: PLATFORMS[system],
    gpuVendor: gpu.vendor,
    gpuRenderer: gpu.renderer,
    ...render(browser, { software, drift, ratio: moment.display.ratio * browser.zoom }),
    fonts: fontsWith(browser, software),
    ...displayed(browser, moment, software),
    timezone: moment.timezone,
    languages: tellLanguages(moment.languages, engine === 'webkit' ? 'first' : 'all'),
    hardwareConcurrency: coresOf(browser, software),
    ...(memory === undefined ? {} : { deviceMemory: memory }),
    touchPoints: touchOf(browser),
  }
  return addNoise(signals, { browser, moment, software })
}

/** Safari tells one name for all; Firefox cuts the chip's number and driver off. */
function tellGpu(browser: Browser, { engine }: Software): Gpu {
  if (engine === 'webkit') return APPLE
  const gpu = gpuOf(browser)
  return engine === 'gecko' ? sanitised(gpu) : gpu
}

/** The one that draws now. */
function gpuOf({ device, secondGpu, isOnSecondGpu }: Browser): Gpu {
  if (isOnSecondGpu && secondGpu !== undefined) return secondGpu
  return device.kind === 'desktop' ? device.gpu : device.kind === 'android' ? device.model.gpu : APPLE
}

const APPLE: Gpu = { vendor: 'Apple Inc.', renderer: 'Apple GPU' }

/** Firefox names a well-known chip of the same family, `or similar` (SanitizeRenderer.cpp). */
function sanitised({ vendor, renderer }: Gpu): Gpu {
  const family = familyOf(renderer)
  const backend = /Direct3D11/.test(renderer) ? ' Direct3D11 vs_5_0 ps_5_0' : ''
  return { vendor, renderer: `${family}${backend}, or similar` }
}

const FAMILIES: readonly (readonly [mark: RegExp, family: string])[] = [
  [/RTX [2-5]0|Quadro RTX|NVIDIA RTX/i, 'NVIDIA GeForce GTX 980'],
  [/GTX (9|10|16)|MX\d|GeForce (9|10)/i, 'NVIDIA GeForce GTX 980'],
  [/NVIDIA|GeForce|Quadro/i, 'NVIDIA GeForce GTX 480'],
  [/Arc/i, 'Intel(R) Arc(TM) A750 Graphics'],
  [/Iris|UHD|HD Graphics [5-9]\d\d|HD Graphics P?[56]\d\d/i, 'Intel(R) HD Graphics'],
  [/Intel/i, 'Intel(R) HD Graphics 400'],
  [/Radeon (RX|Pro)|Vega|Radeon\(TM\) (RX|Graphics)|Radeon Graphics/i, 'Radeon R9 200 Series'],
  [/Radeon|AMD|ATI/i, 'Radeon HD 5850'],
  [/Apple/i, 'Apple M1'],
  [/Adreno.* [67]\d\d/i, 'Adreno (TM) 650'],
  [/Adreno/i, 'Adreno (TM) 540'],
  [/Mali-G/i, 'Mali-G76'],
]

const familyOf = (renderer: string): string =>
  FAMILIES.find(([mark]) => mark.test(renderer))?.[1] ?? 'Generic Renderer'

interface RenderOrder {
  readonly software: Software
  readonly drift: DriftSettings
  readonly ratio: number
}

function render(
  browser: Browser,
  { software, drift, ratio }: RenderOrder,
): Pick<RawSignals, 'audio' | 'canvas' | 'webgl'> {
  const { engine, system, systemEpoch, driver } = software
  const { renderer } = gpuOf(browser)
  const epoch = Math.floor(software.major / (engine === 'webkit' ? 1 : drift.renderingEpochMajors))
  // Glyphs are placed on subpixels only where pixels are small (measured: canvas changes from 1 to 1.25).
  const pixels = ratio >= 1.25 ? 'fine' : 'coarse'
  const { text, sound } = browser.rendering
  return {
    canvas: hashed(
      `canvas ${engine} ${system} ${systemEpoch} ${familyOf(renderer)} ${epoch} ${pixels} ${text}`,
    ),
    webgl: hashed(`webgl ${engine} ${system} ${renderer} ${Math.floor(driver / 3)} ${Math.floor(epoch / 2)}`),
    audio: hashed(`audio ${engine} ${system} ${soundChip(browser)} ${Math.floor(epoch / 3)} ${sound}`),
  }
}

/** Floating point differs between makers of processors. */
function soundChip({ device }: Browser): string {
  if (device.kind !== 'desktop') return 'arm'
  return /Apple|Mali|Adreno/.test(device.gpu.renderer)
    ? 'arm'
    : /AMD|Radeon/.test(device.gpu.renderer)
      ? 'amd'
      : 'intel'
}

const hashes = new Map<string, string>()

/** There are few of them, and each is asked for often. */
function hashed(text: string): string {
  const known = hashes.get(text)
  if (known !== undefined) return known
  const made = digest(text)
  hashes.set(text, made)
  return made
}

/** A new system brings a font. */
function fontsWith({ fonts }: Browser, { system, systemEpoch }: Software): readonly string[] {
  if (system === 'windows' && systemEpoch >= 20) return [...fonts, 'Segoe UI Variable']
  return system === 'mac' && systemEpoch >= 27 ? [...fonts, 'SF Compact'] : fonts
}

function displayed(
  { zoom, isHdr }: Browser,
  { display }: Moment,
  { engine, system }: Software,
): Pick<RawSignals, 'colorDepth' | 'devicePixelRatio' | 'screen'> {
  // Firefox tells the screen in zoomed pixels, Safari neither that nor the ratio.
  const scale = engine === 'gecko' ? zoom : 1
  // Chromium on Windows counts the alpha channel; a Mac's own display has ten bits a colour.
  const depth = engine === 'blink' && system === 'windows' ? display.depth : Math.min(display.depth, 30)
  const plain = system !== 'windows' && system !== 'mac' ? 24 : depth
  return {
    screen: [Math.round(display.width / scale), Math.round(display.height / scale)],
    devicePixelRatio: Math.round(display.ratio * (engine === 'webkit' ? 1 : zoom) * 1000) / 1000,
    colorDepth: isHdr ? 30 : engine === 'gecko' ? 24 : plain,
  }
}

function coresOf({ device }: Browser, { engine }: Software): number {
  // WebKit tells 8 at most (Navigator.cpp), Firefox 16.
  const most = engine === 'webkit' ? 8 : engine === 'gecko' ? 16 : 64
  if (device.kind === 'desktop') return Math.min(device.build.cores, most)
  if (device.kind === 'android') return Math.min(device.model.cores, most)
  return device.kind === 'ipad' ? 8 : 4
}

function memoryOf({ device }: Browser, { engine }: Software): number | undefined {
  if (engine !== 'blink') return undefined
  return device.kind === 'desktop'
    ? device.build.memory
    : device.kind === 'android'
      ? device.memory
      : undefined
}

function touchOf({ device, hasExtraTouch }: Browser): number {
  if (device.kind === 'desktop') return hasExtraTouch ? 10 : device.build.touchPoints
  return 5
}

interface NoiseOrder {
  readonly browser: Browser
  readonly moment: Moment
  readonly software: Software
}

function addNoise(signals: RawSignals, { browser, moment, software }: NoiseOrder): Reading {
  const { isPrivate, session } = moment
  if (browser.isResisting) return { signals: resist(signals, session), unstable: ['canvas'] }
  if (browser.name === 'brave') return { signals: farble(signals, session), unstable: [] }
  const salted = (value: string | undefined) => digest(`${value} ${session}`)
  if (isPrivate && software.engine === 'webkit') {
    // Safari's private windows add noise that stays through the session.
    return {
      signals: { ...signals, canvas: salted(signals.canvas), audio: salted(signals.audio) },
      unstable: [],
    }
  }
  if (isPrivate && software.engine === 'gecko') {
    return { signals: { ...signals, canvas: salted(signals.canvas), hardwareConcurrency: 4 }, unstable: [] }
  }
  return { signals, unstable: [] }
}

/** Firefox that resists: everybody looks alike, and the canvas is random at each reading. */
function resist(signals: RawSignals, session: number): RawSignals {
  return {
    ...signals,
    gpuVendor: 'Mozilla',
    gpuRenderer: 'Mozilla',
    webgl: hashed(`webgl resisting ${signals.platform}`),
    canvas: digest(`resisting ${session} ${signals.canvas}`),
    fonts: (signals.fonts ?? []).slice(0, 4),
    screen: letterboxed(signals.screen?.[0] ?? 0),
    devicePixelRatio: 2,
    colorDepth: 24,
    timezone: 'Atlantic/Reykjavik',
    languages: ['en-US', 'en'],
    hardwareConcurrency: 4,
    touchPoints: 0,
  }
}

/** The window's inside in steps of 200 by 100 pixels, as far as it is opened by default. */
const letterboxed = (width: number): readonly [number, number] =>
  width >= 1900 ? [1600, 900] : width >= 1500 ? [1400, 800] : [1200, 600]

/** Brave: canvas, audio, fonts, cores and memory differ by session and site, and stay the same within. */
function farble(signals: RawSignals, session: number): RawSignals {
  const cores = signals.hardwareConcurrency ?? 4
  return {
    ...signals,
    canvas: digest(`farbled ${session} ${signals.canvas}`),
    webgl: digest(`farbled ${session} ${signals.webgl}`),
    audio: digest(`farbled ${session} ${signals.audio}`),
    fonts: (signals.fonts ?? []).filter((_, position) => unitOf(session, position) > 0.12),
    languages: (signals.languages ?? []).slice(0, 1),
    hardwareConcurrency: 2 + Math.floor(unitOf(session, 1) * (cores - 1)),
    ...(signals.deviceMemory === undefined
      ? {}
      : { deviceMemory: [0.5, 1, 2, 4, 8][Math.floor(unitOf(session, 2) * 5)] ?? 8 }),
  }
}
