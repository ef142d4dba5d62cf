import type { FingerprintReport } from '@helloagain/protocol'
import { hashSignals, type NormalSignals, normalizeObserved } from '@helloagain/recognition'
import type { Collection } from './collect.ts'

/** A report as the server takes it. How good it is the server says. */
export interface Observation extends FingerprintReport {
  signals: NormalSignals
  /** True where the time ran out before the last probe; its hash need not equal the full one's. */
  partial: boolean
}

/**
 * Signals in normal form and their salted hash. Noisy signals are named but left out, so the hash
 * stays the same from visit to visit.
 */
export function toObservation({ raw, unstable, isPartial }: Collection, salt: string): Observation {
  const signals = normalizeObserved(raw)
  return {
    hash: hashSignals(signals, salt),
    signals,
    ...(unstable.length > 0 && { unstable }),
    partial: isPartial,
  }
}
