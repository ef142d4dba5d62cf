import type { FingerprintReport, RecognitionMethod } from '@helloagain/protocol'
import type { FingerprintCache } from '../fingerprint/cache.ts'
import type { Parts } from '../world.ts'

const DAY_MS = 86_400_000

/** What is known of the browser by observing it. */
export interface Observation {
  /** The fingerprint that may be sent; the server's own only where there is no observed one. */
  fingerprint(): string | undefined
  /** Whether the browser has to be observed, given how the server recognised it. */
  isDue(method: RecognitionMethod): boolean
  /** Observes the browser and remembers the result. */
  observe(salt: string): Promise<FingerprintReport>
  /** Takes in the fingerprint the server had to make. */
  takeServerMade(fingerprint: string): void
  forget(): void
}

export interface ObservationOptions {
  cache: Pick<FingerprintCache, 'clear' | 'read' | 'write'>
  parts: Pick<Parts, 'probes'>
  timeBoundMs: number
  nowMs(): number
}

export function createObservation({ cache, parts, timeBoundMs, nowMs }: ObservationOptions): Observation {
  let serverMade: string | undefined
  return {
    fingerprint: () => cache.read()?.hash ?? serverMade,
    isDue(method) {
      if (method !== 'cookie' && method !== 'device_key') return true
      return nowMs() - (cache.read()?.observedAtMs ?? 0) > DAY_MS
    },
    async observe(salt) {
      const { observeFingerprint } = await parts.probes()
      const { confidence, partial, ...report } = await observeFingerprint({ salt, timeBoundMs })
      const seen = { hash: report.hash, confidence, observedAtMs: nowMs() }
      await cache.write(partial ? { ...seen, partial } : seen)
      return report
    },
    takeServerMade(fingerprint) {
      serverMade = fingerprint
    },
    forget() {
      serverMade = undefined
      void cache.clear()
    },
  }
}
