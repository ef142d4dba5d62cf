import { collect } from './fingerprint/collect.ts'
import { type Observation, toObservation } from './fingerprint/hash.ts'
import { probes } from './fingerprint/registry.ts'
import { createSlices } from './fingerprint/slice.ts'

export type { Observation } from './fingerprint/hash.ts'

export interface ObserveOptions {
  /** The site's salt, so that no two sites see the same hash. */
  salt: string
  /** Milliseconds until the answer, complete or not. @default 300 */
  timeBoundMs?: number
}

/**
 * What the browser tells about itself: signals and their salted hash. Reads properties and draws on
 * canvases outside the document; sends nothing, keeps nothing. Only to be called where consent allows it.
 * Never rejects.
 */
export async function observeFingerprint({ salt, timeBoundMs = 300 }: ObserveOptions): Promise<Observation> {
  const collection = await collect(probes, {
    timeBoundMs,
    // About a dozen slices are needed; so all fit even where the page never rests.
    nextSlice: createSlices(window, timeBoundMs / 15),
    nowMs: () => performance.now(),
    setTimeout: (work, delayMs) => window.setTimeout(work, delayMs),
  })
  return toObservation(collection, salt)
}
