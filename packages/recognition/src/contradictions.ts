import { type DeviceFamily, deviceClaims } from './device-family.ts'
import type { NormalSignals } from './normalize-signals.ts'
import type { SignalName } from './signals.ts'

/** Two signals that cannot both be true of one untouched browser. */
export interface Contradiction {
  signals: [SignalName, SignalName]
  /** For a person. */
  reason: string
}

type Claim = DeviceFamily | undefined

// `navigator.platform` of Android and ChromeOS begins with Linux.
const IS_ALSO: Partial<Record<DeviceFamily, readonly DeviceFamily[]>> = {
  android: ['linux'],
  chromeos: ['linux'],
}

const agree = (left: Claim, right: Claim) =>
  left === undefined ||
  right === undefined ||
  left === right ||
  IS_ALSO[left]?.includes(right) === true ||
  IS_ALSO[right]?.includes(left) === true

/** What does not fit together in an observation; empty for an honest browser. */
export function findContradictions(signals: NormalSignals): Contradiction[] {
  const found: Contradiction[] = []
  const claims = deviceClaims(signals)
  const note = (left: SignalName, right: SignalName, reason: string) =>
    found.push({ signals: [left, right], reason })

  if (!agree(claims.userAgent, claims.platform)) note('userAgent', 'platform', 'Two operating systems.')
  if (!agree(claims.userAgent, claims.uaPlatform)) note('userAgent', 'uaPlatform', 'Two operating systems.')
  if (!agree(claims.platform, claims.uaPlatform)) note('platform', 'uaPlatform', 'Two operating systems.')
  if (!fitsTouch(signals, claims.userAgent))
    note('userAgent', 'touchPoints', 'Touch does not fit the device.')
  if (!fitsGpu(signals, claims.userAgent)) note('userAgent', 'gpuRenderer', 'No such driver on this system.')
  return found
}

function fitsTouch({ touchPoints }: NormalSignals, family: Claim): boolean {
  if (typeof touchPoints !== 'number') return true
  // No Mac has a touch screen: an iPad says it is a Mac (iPadOS 13 and later).
  if (family === 'mac') return touchPoints <= 1
  return family === 'ios' ? touchPoints > 0 : true
}

function fitsGpu({ gpuRenderer }: NormalSignals, family: Claim): boolean {
  if (typeof gpuRenderer !== 'string' || family === undefined) return true
  if (/direct3d|d3d1[12]|d3d9/i.test(gpuRenderer)) return family === 'windows'
  return /^apple|angle \(apple/i.test(gpuRenderer) ? family === 'mac' || family === 'ios' : true
}
