import { generateEnhancedFingerprint } from '@helloagain/recognition'
import type { ReportedFingerprint } from '../recognition/ports.ts'

const HASH = /^[0-9a-f]{32}$/

/** The SDK nests its signals under `signals`; document 000 sends them flat. */
function signalsOf({ hash: _, unstable: _unstable, signals, ...flat }: Record<string, unknown>) {
  return typeof signals === 'object' && signals !== null ? { ...flat, ...signals } : flat
}

/**
 * Document 000's `raw_fingerprint_data` as a report: the hash the browser made, else one over the signals, salted
 * for the site.
 */
export function parseRawFingerprint(raw: Record<string, unknown>, salt: string): ReportedFingerprint {
  const { hash, unstable } = raw
  const signals = signalsOf(raw)
  const names = Array.isArray(unstable) ? unstable.filter((name) => typeof name === 'string') : []
  const hasHash = typeof hash === 'string' && HASH.test(hash)
  // Without signals there is nothing to reckon a confidence from but what is known of the hash.
  if (hasHash && Object.keys(signals).length === 0) return { hash }
  return { hash: hasHash ? hash : generateEnhancedFingerprint(signals, salt), signals, unstable: names }
}
