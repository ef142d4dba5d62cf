import type { FingerprintReport, RecognitionMethod } from '@helloagain/protocol'
import { type Persistence, readJson } from '../persistence/persistence.ts'
import type { Parts } from '../world.ts'

const DAY_MS = 86_400_000

/** What is known of the browser by observing it. */
export interface Observation {
  /** The fingerprint that may be sent; the server's own only where there is no observed one. */
  fingerprint(): string | undefined
  /** Whether the browser has to be observed, given how the server recognised it. */
  isDue(method: RecognitionMethod): boolean
  /** Observes the browser and keeps the result. Undefined where an earlier one turned up that does. */
  observe(salt: string, method: RecognitionMethod): Promise<FingerprintReport | undefined>
  /** Takes in the fingerprint the server had to make. */
  takeServerMade(fingerprint: string): void
  forget(): void
}

export interface ObservationOptions {
  /** Where the part that observes mirrors its result, for the synchronous read before the first request. */
  store: Persistence
  key: string
  parts: Pick<Parts, 'probes'>
  timeBoundMs: number
  nowMs(): number
}

interface Known {
  hash: string
  observedAtMs: number
}

// Whoever proved to be the same browser needs no fresh fingerprint; it is only renewed now and then.
const maxAgeMs = (method: RecognitionMethod): number =>
  method === 'cookie' || method === 'device_key' ? DAY_MS : 0

export function createObservation(options: ObservationOptions): Observation {
  const { store, key, parts, timeBoundMs, nowMs } = options
  let known: Partial<Known> | undefined
  let serverMade: string | undefined
  const read = (): Partial<Known> => {
    known ??= readJson<Known>(store, key) ?? {}
    return known
  }
  return {
    fingerprint: () => (/^[0-9a-f]{32}$/.test(read().hash ?? '') ? known?.hash : serverMade),
    isDue: (method) => nowMs() - (read().observedAtMs ?? 0) >= maxAgeMs(method),
    async observe(salt, method) {
      const { observeAndKeep } = await parts.probes()
      const { kept, report } = await observeAndKeep({
        ...{ salt, timeBoundMs, storageKey: key },
        maxAgeMs: maxAgeMs(method),
        nowMs: nowMs(),
      })
      known = kept
      return report
    },
    takeServerMade(fingerprint) {
      serverMade = fingerprint
    },
    forget() {
      const isKept = read().hash
      known = {}
      serverMade = undefined
      store.remove(key)
      // IndexedDB holds a copy, and only that part knows its way there.
      if (isKept) void parts.probes().then(({ forgetKept }) => forgetKept(key))
    },
  }
}
