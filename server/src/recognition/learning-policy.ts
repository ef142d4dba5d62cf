import { murmurHash128Text } from '@helloagain/recognition'

const DAY_MS = 86_400_000

/** Every so many-th visitor teaches nothing: on those it is measured what the others taught. */
const HOLD_OUT_SHARE = 5

/** Lessons of one visitor a day: a person's visits, and no script's. */
export const LESSONS_PER_VISITOR = 3
/** Trials of one visitor a day: its visits of one day are much alike. */
export const TRIALS_PER_VISITOR = 2
/**
 * Lessons of one network prefix a day: an office or a dormitory, and no flood. Trials a fifth of that, as many as come
 * by chance: who is held out can be told from an id, so that a flood could be made of those alone.
 */
export const LESSONS_PER_PREFIX = 200
export const TRIALS_PER_PREFIX = 40
/** Visitors and prefixes that are counted in a day; some 150 bytes each. Beyond, nobody teaches until the next day. */
const MAX_COUNTED = 100_000

/** Trials of a site in an hour whose comparisons are kept, up to ten kilobytes each; of the others the outcome is. */
export const COMPARISONS_PER_HOUR = 10
/** Trials that new weights are calibrated and judged on, the newest. */
export const MAX_TRAINING = 3000
/** Handing them to a thread of its own takes some 50 ms. */
export const MAX_CALIBRATING = 1000

/** Whoever is seen so long after has come again: private windows are not kept open for so long. */
export const AGAIN_MS = DAY_MS / 2

/** Blind trials that are kept of a site, the newest, and for how long. */
export const MAX_TRIALS = 20_000
export const TRIAL_TTL_MS = 30 * DAY_MS

/** Whether a visitor is one of those that figures are measured on. Halves for calibration and judgement likewise. */
function shareOf(visitorId: string, purpose: string, parts: number): number {
  return Number.parseInt(murmurHash128Text(`${purpose}:${visitorId}`).slice(0, 8), 16) % parts
}

export const isHeldOut = (visitorId: string): boolean => shareOf(visitorId, 'hold-out', HOLD_OUT_SHARE) === 0

/** Of the held-out: those that new weights are judged on; the others calibrate them. By visitor, never by visit. */
export const isJudge = (visitorId: string): boolean => shareOf(visitorId, 'judge', 2) === 0

/** Counts by key and UTC day, in bounded memory. */
export interface DailyCaps {
  /** Counts one for each key and answers true, when none has reached its cap; else counts nothing. */
  pass(caps: readonly (readonly [key: string, cap: number])[], atMs: number): boolean
}

export function createDailyCaps(maxCounted = MAX_COUNTED): DailyCaps {
  let day = Number.NEGATIVE_INFINITY
  const counts = new Map<string, number>()
  return {
    pass(caps, atMs) {
      const today = Math.floor(atMs / DAY_MS)
      if (today > day) {
        counts.clear()
        day = today
      }
      const isFull = caps.some(([key, cap]) => (counts.get(key) ?? 0) >= cap)
      const added = caps.filter(([key]) => !counts.has(key)).length
      if (isFull || counts.size + added > maxCounted) return false
      for (const [key] of caps) counts.set(key, (counts.get(key) ?? 0) + 1)
      return true
    },
  }
}
