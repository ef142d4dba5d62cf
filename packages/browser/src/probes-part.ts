import type { FingerprintReport } from '@helloagain/protocol'
import { type CachedFingerprint, createFingerprintCache } from './fingerprint/cache.ts'
import { isFresh } from './identity/observation-age.ts'
import { observeFingerprint } from './probes.ts'

export interface ObserveAndKeepOptions {
  salt: string
  timeBoundMs: number
  /** Key of the cache. */
  storageKey: string
  /** Milliseconds up to which a kept fingerprint does; 0 observes in any case. */
  maxAgeMs: number
  /** Milliseconds since 1970. */
  atMs: number
}

export interface Kept {
  kept: CachedFingerprint
  /** Left out where the kept one does. */
  report?: FingerprintReport
}

/** Observes the browser and keeps the result; a kept one, also from IndexedDB, does while it is fresh enough. */
export async function observeAndKeep(options: ObserveAndKeepOptions): Promise<Kept> {
  const { salt, timeBoundMs, storageKey, maxAgeMs, atMs } = options
  const cache = createFingerprintCache({ storageKey })
  const earlier = await cache.restore()
  if (earlier && isFresh(earlier.observedAtMs, atMs, maxAgeMs)) return { kept: earlier }
  const { partial, ...report } = await observeFingerprint({ salt, timeBoundMs })
  // Where the time ran out, as on a page that is busy while it loads, the next page tries once more.
  const observedAtMs = partial && !earlier?.partial ? 0 : atMs
  const seen: CachedFingerprint = { hash: report.hash, observedAtMs }
  await cache.write(partial ? { ...seen, partial } : seen)
  const kept = cache.read() ?? seen
  // The hash of a partial observation names nobody the full one, which stays, would not name better.
  return kept.hash === report.hash ? { kept, report } : { kept }
}
