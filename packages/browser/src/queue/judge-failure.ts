import { parseRetryAfter } from '../transport/retry-after.ts'
import { canRetry, type FailedCall } from '../transport/transport.ts'
import { computeBackoffMs } from './backoff.ts'

/** What becomes of a batch that was not taken. */
export interface Verdict {
  /** Why its events are given up; left out where they are tried again. */
  dropped?: 'refused' | 'too_large'
  /** Events of the next batch, where this one was too large. */
  maxEvents?: number
  /** Milliseconds until the next try; 0 for at once. */
  waitMs: number
  /** True where the server asked for the wait. */
  isAsked?: boolean
}

/** By what a failure is judged. */
export interface Judge {
  nowMs(): number
  random(): number
}

export interface FailedBatch extends Judge {
  failed: FailedCall
  /** Events of the batch. */
  count: number
  /** Tries that failed in a row, this one included. */
  failures: number
}

/** Halves a batch that is too large, gives up what is refused, and waits where the same may be taken later. */
export function judgeFailure({ failed, count, failures, nowMs, random }: FailedBatch): Verdict {
  const { status, retryAfter } = failed
  const isTooLarge = status === 413
  if (isTooLarge && count > 1) return { maxEvents: Math.ceil(count / 2), waitMs: 0 }
  if (!canRetry(status)) return { dropped: isTooLarge ? 'too_large' : 'refused', waitMs: 0 }
  const askedMs = parseRetryAfter(retryAfter, nowMs()) ?? 0
  return { waitMs: Math.max(askedMs, computeBackoffMs(failures, random)), isAsked: askedMs > 0 }
}
