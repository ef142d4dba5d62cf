import type { RecognitionMethod } from '@helloagain/protocol'

const DAY_MS = 86_400_000
// As long as a visit may pause: within one visit the browser is observed once.
const VISIT_GAP_MS = 30 * 60_000

/** Milliseconds up to which an observation does: whoever proved to be the same browser needs no fresh one. */
export const observationMaxAgeMs = (method: RecognitionMethod): number =>
  method === 'cookie' || method === 'device_key' ? DAY_MS : VISIT_GAP_MS

/** Whether what was observed then does now. Something of the future does not: the clock was wrong when it was dated. */
export function isFresh(observedAtMs: number, nowMs: number, maxAgeMs: number): boolean {
  const ageMs = nowMs - observedAtMs
  return ageMs >= 0 && ageMs < maxAgeMs
}
