import { getUnstableHardwareConcurrency } from '@fingerprintjs/fingerprintjs'

/** Logical processors. Firefox with resistFingerprinting says 2 or 4 (2026-11). */
export function readHardwareConcurrency(): number | undefined {
  return getUnstableHardwareConcurrency()
}
