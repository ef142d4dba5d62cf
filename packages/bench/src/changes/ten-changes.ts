/** A browser as its person has set it up; what is not named here is as the machine has it. */
export interface Setup {
  readonly browserMajor: number
  /** CSS pixels. */
  readonly screen: readonly [width: number, height: number]
  readonly window: readonly [width: number, height: number]
  readonly devicePixelRatio: number
  readonly timezone: string
  readonly language: string
  readonly isDark: boolean
  readonly hasTouch: boolean
  readonly reducesMotion: boolean
  readonly forcesColors: boolean
}

/** A laptop in Madrid. */
export const BEFORE: Setup = {
  browserMajor: 156,
  screen: [1920, 1080],
  window: [1280, 720],
  devicePixelRatio: 1,
  timezone: 'Europe/Madrid',
  language: 'es-ES',
  isDark: false,
  hasTouch: false,
  reducesMotion: false,
  forcesColors: false,
}

export interface Change {
  readonly name: string
  readonly to: Partial<Setup>
}

/** What happens to any browser between two visits, one thing at a time. */
export const TEN_CHANGES: readonly Change[] = [
  { name: 'window resized', to: { window: [1000, 640] } },
  { name: 'dark mode', to: { isDark: true } },
  { name: 'external monitor, 2560 × 1440', to: { screen: [2560, 1440] } },
  { name: 'zoom, pixel ratio 1 → 1.25', to: { devicePixelRatio: 1.25 } },
  { name: 'travel, Madrid → New York', to: { timezone: 'America/New_York' } },
  { name: 'language, Spanish → English', to: { language: 'en-GB' } },
  { name: 'browser update, 156 → 157', to: { browserMajor: 157 } },
  { name: 'touch screen attached', to: { hasTouch: true } },
  { name: 'reduced motion', to: { reducesMotion: true } },
  { name: 'contrast theme (forced colours)', to: { forcesColors: true } },
]

/** Another machine: nothing that a person chooses, or that differs between computers, is the same. */
export const SOMEBODY_ELSE: Partial<Setup> = {
  browserMajor: 155,
  screen: [1366, 768],
  window: [1366, 620],
  devicePixelRatio: 2,
  timezone: 'Asia/Tokyo',
  language: 'ja',
  hasTouch: true,
}
