import type { SignalName } from './signals.ts'

/** What keeps pages from telling a browser apart. */
export type Protection = 'brave' | 'none' | 'rfp'

/**
 * What each falsifies so that a second reading shows it only in part. Believing it would count noise as evidence; the
 * rest of the browser is observed as ever, and nothing is done against the protection.
 *
 * - Brave draws a factor for each site and session, so two readings agree.
 *   @see https://brave.com/privacy-updates/4-fingerprinting-defenses-2.0/
 * - Firefox with resistFingerprinting tells everybody the same zone, processors and fingers, and the size of the
 *   window as that of the screen (153, 2026-11). @see https://bugzilla.mozilla.org/show_bug.cgi?id=1364261
 */
const FALSIFIED: Readonly<Record<Protection, readonly SignalName[]>> = {
  brave: ['canvas', 'webgl', 'audio', 'fonts', 'plugins', 'hardwareConcurrency', 'deviceMemory', 'screen'],
  rfp: ['screen', 'devicePixelRatio', 'timezone', 'hardwareConcurrency', 'touchPoints'],
  none: [],
}

export const listFalsified = (protection: Protection): readonly SignalName[] => FALSIFIED[protection]
