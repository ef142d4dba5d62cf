import { explainFingerprintConfidence, generateEnhancedFingerprint } from '@helloagain/recognition'
import type { Observation } from '../recognition/ports.ts'

const HASH = /^[0-9a-f]{32}$/

/** The part of the data that holds signals: the SDK's report nests them, document 000 sends them flat. */
function signalsOf({ signals, ...flat }: Record<string, unknown>): unknown {
  return typeof signals === 'object' && signals !== null ? { ...flat, ...signals } : flat
}

/**
 * What document 000's `raw_fingerprint_data` tells: the hash the browser made, else one over the signals, salted
 * for the site. The confidence is reckoned here from the signals; a claimed one is ignored, and a hash without
 * signals has 0.
 */
export function observeRawFingerprint(raw: Record<string, unknown>, salt: string): Observation {
  const { hash, unstable } = raw
  const signals = signalsOf(raw)
  const names = Array.isArray(unstable) ? unstable.filter((name) => typeof name === 'string') : []
  const { confidence, bits } = explainFingerprintConfidence(signals, { unstable: names })
  const isHash = typeof hash === 'string' && HASH.test(hash)
  return {
    hash: isHash ? hash : generateEnhancedFingerprint(signals, salt),
    confidence,
    bits,
    source: 'client_header',
  }
}
