import type { FingerprintSource } from '@helloagain/protocol'
import { explainFingerprintConfidence, generateEnhancedFingerprint } from '@helloagain/recognition'
import {
  bitsOfConfidence,
  UNKNOWN_OBSERVATION_CONFIDENCE,
  UNVERIFIED_OBSERVATION_CONFIDENCE,
} from './policy.ts'
import type { Observation, Observe, RecognitionStore, ReportedFingerprint } from './ports.ts'

export interface ObserveParts {
  readonly store: Pick<RecognitionStore, 'bestObservation'>
  /** Whether a fingerprint carries this server's own mark. */
  readonly isServerMade: (hash: string) => boolean
}

const toObservation = (hash: string, confidence: number, source: FingerprintSource): Observation => ({
  hash,
  confidence,
  bits: bitsOfConfidence(confidence),
  source,
})

/** How good a report with signals is, by the server's own reckoning. */
function judge(salt: string, { hash, signals, unstable }: ReportedFingerprint): number {
  const { confidence } = explainFingerprintConfidence(signals, { unstable: unstable ?? [] })
  // Good signals beside somebody else's hash must not lend it weight.
  const isItsOwn = generateEnhancedFingerprint(signals, salt) === hash
  return isItsOwn ? confidence : Math.min(confidence, UNVERIFIED_OBSERVATION_CONFIDENCE)
}

/** Makes observations of what requests bring. */
export function createObserve({ store, isServerMade }: ObserveParts): Observe {
  return async (site, reported, source = 'client_header') => {
    const report: ReportedFingerprint = typeof reported === 'string' ? { hash: reported } : reported
    if (source === 'server_generated' || isServerMade(report.hash)) {
      return toObservation(report.hash, UNKNOWN_OBSERVATION_CONFIDENCE, 'server_generated')
    }
    if (report.signals) return toObservation(report.hash, judge(site.fingerprintSalt, report), source)
    const stored = await store.bestObservation(site.id, report.hash)
    return toObservation(report.hash, stored ?? UNKNOWN_OBSERVATION_CONFIDENCE, source)
  }
}
