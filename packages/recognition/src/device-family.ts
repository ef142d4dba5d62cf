import type { NormalSignals } from './normalize-signals.ts'

export type DeviceFamily = 'android' | 'chromeos' | 'ios' | 'linux' | 'mac' | 'windows'

/** In order: Android user agents name Linux, iPhones name `like Mac OS X`. */
const MARKS: readonly [mark: string, family: DeviceFamily][] = [
  ['iphone', 'ios'],
  ['ipad', 'ios'],
  ['ipod', 'ios'],
  ['ios', 'ios'],
  ['windows', 'windows'],
  ['win32', 'windows'],
  ['win64', 'windows'],
  ['android', 'android'],
  ['cros', 'chromeos'],
  ['chrome os', 'chromeos'],
  ['chromium os', 'chromeos'],
  ['mac', 'mac'],
  ['linux', 'linux'],
  ['x11', 'linux'],
]

function familyOf(text: unknown): DeviceFamily | undefined {
  if (typeof text !== 'string') return undefined
  const lower = text.toLowerCase()
  return MARKS.find(([mark]) => lower.includes(mark))?.[1]
}

/** The operating system each signal claims. */
export function deviceClaims(signals: NormalSignals) {
  return {
    userAgent: familyOf(platformPart(signals.userAgent)),
    platform: familyOf(signals.platform),
    uaPlatform: familyOf(signals.uaPlatform),
  }
}

/** The first parenthesis of a user agent, where the system stands; browsers' names follow it. */
function platformPart(userAgent: unknown): unknown {
  if (typeof userAgent !== 'string') return undefined
  const open = userAgent.indexOf('(')
  return open < 0 ? userAgent : userAgent.slice(open, userAgent.indexOf(')', open) + 1 || undefined)
}
