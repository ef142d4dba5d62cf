import { deviceClaims } from '../device-family.ts'
import type { NormalSignals } from '../normalize-signals.ts'

/** The classes of an observation that are kept in clear. */
export interface Classes {
  readonly browserFamily: string
  readonly osFamily: string
  readonly screenClass: string
}

/** In order: Edge and Opera name Chrome too, every Chrome names Safari. */
const BROWSERS: readonly [mark: RegExp, family: string][] = [
  [/\bEdgA?\b/, 'edge'],
  [/\bOPR\b/, 'opera'],
  [/\bSamsungBrowser\b/, 'samsung'],
  [/\b(?:Firefox|FxiOS)\b/, 'firefox'],
  [/\b(?:CriOS|HeadlessChrome|Chrome)\b/, 'chrome'],
  [/\bVersion\b.*\bSafari\b/, 'safari'],
]
/** CSS pixels of the short side; Android's own boundary between phone and tablet (`sw600dp`). */
const TABLET_SHORT_SIDE = 600
/** CSS pixels of the long side; built-in panels end about there at their usual scaling. */
const DESKTOP_LONG_SIDE = 1750

/** Browser, system and screen class; `other` where unknown. */
export function classify(signals: NormalSignals): Classes {
  const osFamily = osFamilyOf(signals)
  return { browserFamily: browserFamilyOf(signals), osFamily, screenClass: screenClassOf(signals, osFamily) }
}

function browserFamilyOf({ userAgent }: NormalSignals): string {
  const text = typeof userAgent === 'string' ? userAgent : ''
  return BROWSERS.find(([mark]) => mark.test(text))?.[1] ?? 'other'
}

function osFamilyOf(signals: NormalSignals): string {
  const { userAgent, platform, uaPlatform } = deviceClaims(signals)
  const family = uaPlatform ?? userAgent ?? platform ?? 'other'
  // iPadOS says it is a Mac; no Mac has a touch screen.
  const isTouchMac = family === 'mac' && typeof signals.touchPoints === 'number' && signals.touchPoints > 1
  return isTouchMac ? 'ios' : family
}

function screenClassOf({ screen }: NormalSignals, osFamily: string): string {
  const [long, short] = Array.isArray(screen) ? screen : []
  if (typeof long !== 'number' || typeof short !== 'number') return 'other'
  if (osFamily === 'ios' || osFamily === 'android') return short < TABLET_SHORT_SIDE ? 'phone' : 'tablet'
  return long > DESKTOP_LONG_SIDE ? 'desktop' : 'laptop'
}
