import type { FingerprintSource } from '@helloagain/protocol'
import { generateEnhancedFingerprint, normalizeSignals } from '@helloagain/recognition'
import { type Observed, observe } from '@helloagain/recognition/linkage'
import {
  bitsOfConfidence,
  UNKNOWN_OBSERVATION_CONFIDENCE,
  UNVERIFIED_OBSERVATION_CONFIDENCE,
} from './policy.ts'
import type { Observation, Observe, RecognitionStore, ReportedFingerprint } from './ports.ts'
import type { Recogniser } from './recogniser-ports.ts'

export interface ObserveParts {
  readonly store: Pick<RecognitionStore, 'bestObservation'>
  readonly tokeniseFor: Recogniser['tokeniseFor']
  /** Whether a fingerprint carries this server's own mark. */
  readonly isServerMade: (hash: string) => boolean
}

type ReportedSignals = ReportedFingerprint & Required<Pick<ReportedFingerprint, 'signals'>>

/** Makes observations of what requests bring. */
export function createObserve({ store, tokeniseFor, isServerMade }: ObserveParts): Observe {
  function see(siteId: string, { signals, unstable = [], networkPrefix }: ReportedSignals): Observed {
    // A network that the page tells of would be whichever its sender likes.
    const { networkPrefix: _, ...known } = normalizeSignals(signals)
    const tokenise = tokeniseFor(siteId)
    return observe(known, { tokenise, unstable, ...(networkPrefix !== undefined && { networkPrefix }) })
  }

  return async (site, reported, source = 'client_header') => {
    const report: ReportedFingerprint = typeof reported === 'string' ? { hash: reported } : reported
    const { hash, signals } = report
    if (source === 'server_generated' || isServerMade(hash)) {
      return toObservation(hash, UNKNOWN_OBSERVATION_CONFIDENCE, 'server_generated')
    }
    if (!signals) {
      const stored = await store.bestObservation(site.id, hash)
      return toObservation(hash, stored ?? UNKNOWN_OBSERVATION_CONFIDENCE, source)
    }
    const observed = see(site.id, { ...report, signals })
    const isItsOwn = generateEnhancedFingerprint(signals, site.fingerprintSalt) === hash
    const driven = signals['webdriver'] === true && { isDriven: true }
    if (isItsOwn) return { ...toObservation(hash, observed.confidence, source), ...driven, observed }
    // Good signals beside somebody else's hash must not lend it weight, nor be anybody's.
    const confidence = Math.min(observed.confidence, UNVERIFIED_OBSERVATION_CONFIDENCE)
    return { ...toObservation(hash, confidence, source), ...driven }
  }
}

const toObservation = (hash: string, confidence: number, source: FingerprintSource): Observation => ({
  hash,
  confidence,
  bits: bitsOfConfidence(confidence),
  source,
})
