import { isGecko } from '@fingerprintjs/fingerprintjs'
import type { SignalName } from '@helloagain/recognition'

/** What keeps pages from telling this browser apart. */
export type Protection = 'brave' | 'none' | 'rfp'

/**
 * What each falsifies beyond what a second reading shows. Believing it would count noise as evidence; the rest of the
 * browser is observed as ever, and nothing is done against the protection.
 *
 * - Brave draws a factor for each site and session, so two readings agree.
 *   @see https://brave.com/privacy-updates/4-fingerprinting-defenses-2.0/
 * - Firefox with resistFingerprinting tells everybody the same zone, processors and fingers, and the size of the
 *   window as that of the screen (153, 2026-11). @see https://bugzilla.mozilla.org/show_bug.cgi?id=1364261
 */
const FALSIFIED: Readonly<Record<Protection, readonly SignalName[]>> = {
  brave: ['audio', 'plugins', 'hardwareConcurrency', 'deviceMemory', 'screen'],
  rfp: ['screen', 'devicePixelRatio', 'timezone', 'hardwareConcurrency', 'touchPoints'],
  none: [],
}

/**
 * The browser's own protection against being observed, as far as it shows. Private windows do not: Firefox's say
 * Global Privacy Control, so that nothing is read there at all, and the others are none of our business.
 */
export function readProtection(timezone: string | undefined, screenSize: readonly number[]): Protection {
  if ('brave' in navigator) return 'brave'
  // The one zone everybody is in, and a screen that ends where the window does.
  const isResisting =
    isGecko() &&
    /^(Atlantic\/Reykjavik|UTC)$/.test(timezone ?? '') &&
    screenSize[0] === innerWidth &&
    screenSize[1] === innerHeight
  return isResisting ? 'rfp' : 'none'
}

export const listFalsified = (protection: Protection): readonly SignalName[] => FALSIFIED[protection]
