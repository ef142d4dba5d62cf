import type { CachedFingerprint } from '../fingerprint/cache.ts'
import { type Persistence, readJson } from '../persistence/persistence.ts'

/** What is known of the browser by observing it. */
export interface Observation {
  /** The fingerprint that may be sent; the server's own only where there is no observed one. */
  fingerprint(): string | undefined
  /** When the browser was observed last; 0 for never. */
  observedAtMs(): number
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
}

export function createObservation({ store, key, deleteCopy }: ObservationOptions): Observation {
  let known: Partial<CachedFingerprint> | undefined
  let serverMade: string | undefined
  const read = (): Partial<CachedFingerprint> => {
    known ??= readJson<CachedFingerprint>(store, key) ?? {}
    return known
  }
  return {
    fingerprint: () => (/^[0-9a-f]{32}$/.test(read().hash ?? '') ? known?.hash : serverMade),
    observedAtMs: () => read().observedAtMs ?? 0,
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
