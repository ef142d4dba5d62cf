import type { AndroidModel } from './android-models.ts'
import type { AppleModel } from './apple-models.ts'
import type { Display, Gpu } from './catalogue.ts'
import type { Build, DesktopModel } from './desktop-models.ts'
import type { Random } from './random.ts'
import type { UpdateHabit } from './releases.ts'
import type { RegionName } from './settings.ts'

export type BrowserName = 'brave' | 'chrome' | 'edge' | 'firefox' | 'opera' | 'safari' | 'samsung'

export type Device =
  | { readonly kind: 'desktop'; readonly model: DesktopModel; build: Build; gpu: Gpu }
  | { readonly kind: 'android'; readonly model: AndroidModel; readonly memory: number }
  | { readonly kind: 'ipad' | 'iphone'; readonly model: AppleModel }

/** One browser instance and whoever sits before it, at one moment. The generator's own; nothing of it leaves but signals. */
export interface Browser {
  readonly id: string
  readonly seed: number
  readonly random: Random
  readonly name: BrowserName
  readonly device: Device
  readonly region: RegionName
  readonly fleet: Fleet | undefined
  timezone: string
  /** As the person lists them. */
  languages: readonly string[]
  /** What the system and its programs brought. */
  readonly baseFonts: readonly string[]
  /** What the person added. */
  ownFonts: readonly string[]
  /** All of them, in order; kept because it is asked for on each visit. */
  fonts: readonly string[]
  /** Zoom of the site, or of the system by hand. */
  zoom: number
  display: Display
  /** Displays of docks; empty where there is none. */
  readonly docks: readonly Display[]
  /** The other of two GPUs. */
  readonly secondGpu: Gpu | undefined
  isOnSecondGpu: boolean
  isHdr: boolean
  hasExtraTouch: boolean
  readonly browserHabit: UpdateHabit
  readonly osHabit: UpdateHabit
  readonly driverHabit: UpdateHabit
  /** Behind the newest system by so many years: Windows 10, older Androids. */
  readonly osYearsBehind: number
  /** Text rendering, codecs and the like that differ within a model: small numbers. */
  readonly rendering: { readonly text: number; readonly sound: number }
  readonly isResisting: boolean
}

/** Identical machines of one office or school. */
export interface Fleet {
  readonly number: number
  readonly size: number
  readonly isBehindOnePrefix: boolean
}
