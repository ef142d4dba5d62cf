import type { RecognitionMethod } from '@helloagain/protocol'
import type { CachedFingerprint } from '../fingerprint/cache.ts'
import { type Persistence, readJson } from '../persistence/persistence.ts'

const DAY_MS = 86_400_000
// As long as a visit may pause: within one visit the browser is observed once.
const VISIT_GAP_MS = 30 * 60_000

/** What is known of the browser by observing it. */
export interface Observation {
  /** The fingerprint that may be sent; the server's own only where there is no observed one. */
  fingerprint(): string | undefined
  /** Whether the browser has to be observed, given how the server recognised it. */
  isDue(method: RecognitionMethod): boolean
  /** Takes in what was observed. */
  take(kept: CachedFingerprint): void
  /** Takes in the fingerprint the server had to make. */
  takeServerMade(fingerprint: string): void
  forget(): void
}

export interface ObservationOptions {
  /** Where the part that observes mirrors its result, for the synchronous read before the first request. */
  store: Persistence
  key: string
  /** Deletes the copy that part keeps in IndexedDB. */
  deleteCopy(): void
  nowMs(): number
}

/** Milliseconds up to which an observation does: whoever proved to be the same browser needs no fresh one. */
export const observationMaxAgeMs = (method: RecognitionMethod): number =>
  method === 'cookie' || method === 'device_key' ? DAY_MS : VISIT_GAP_MS

export function createObservation({ store, key, deleteCopy, nowMs }: ObservationOptions): Observation {
  let known: Partial<CachedFingerprint> | undefined
  let serverMade: string | undefined
  const read = (): Partial<CachedFingerprint> => {
    known ??= readJson<CachedFingerprint>(store, key) ?? {}
    return known
  }
  return {
    fingerprint: () => (/^[0-9a-f]{32}$/.test(read().hash ?? '') ? known?.hash : serverMade),
    isDue: (method) => nowMs() - (read().observedAtMs ?? 0) >= observationMaxAgeMs(method),
    take(kept) {
      known = kept
    },
    takeServerMade(fingerprint) {
      serverMade = fingerprint
    },
    forget() {
      if (read().hash) deleteCopy()
      known = {}
      serverMade = undefined
      store.remove(key)
    },
  }
}
