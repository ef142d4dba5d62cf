/** Logical processors. Firefox says 2, 4 or 8 in private windows and under resistFingerprinting (153, 2026-11). */
export function readHardwareConcurrency(): number | undefined {
  return navigator.hardwareConcurrency
}
