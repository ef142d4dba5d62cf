import type { FingerprintReport } from '@helloagain/protocol'
import {
  calculateFingerprintConfidence,
  generateEnhancedFingerprint,
  normalizeSignals,
} from '@helloagain/recognition'
import type { Collection } from './collect.ts'

/** A report as the server takes it, and how good it is. */
export interface Observation extends FingerprintReport {
  /** 0–100: how good the observation is. The server computes its own. */
  confidence: number
  /** True where the time ran out before the last probe; its hash need not equal the full one's. */
  partial: boolean
}

/**
 * Signals in normal form, their salted hash and the confidence. Noisy signals are named but left out, so the hash
 * stays the same from visit to visit.
 */
export function toObservation({ raw, unstable, isPartial }: Collection, salt: string): Observation {
  const signals = normalizeSignals(raw)
  return {
    hash: generateEnhancedFingerprint(signals, salt),
    signals,
    ...(unstable.length > 0 && { unstable }),
    confidence: calculateFingerprintConfidence(signals, { unstable }),
    partial: isPartial,
  }
}
