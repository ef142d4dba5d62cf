import { giveWay } from '../platform/jobs/give-way.ts'
import type { Job } from '../platform/jobs/jobs.ts'
import type { Log } from '../platform/log.ts'
import type { RecogniserStore } from './recogniser-ports.ts'

const HOUR_MS = 3_600_000
/** Profiles of one step: a few milliseconds of work on SQLite, which nothing else can be done in. */
const CHUNK = 20

export interface ExpiryParts {
  readonly store: Pick<RecogniserStore, 'expire'>
  readonly nowMs: () => number
  /** How long what somebody could be recognised by is kept after it was last seen. */
  readonly ttlMs: number
  readonly log: Pick<Log, 'info'>
}

/** Deletes what has not been seen for long, in small steps; each leaves the counts right, whenever it is cut short. */
export const createExpiry = ({ store, nowMs, ttlMs, log }: ExpiryParts): Job => ({
  name: 'recognition.expiry',
  everyMs: HOUR_MS,
  async run(signal) {
    const cutoffMs = nowMs() - ttlMs
    let deleted = 0
    let last = -1
    while (last !== 0 && !signal.aborted) {
      const startedAtMs = performance.now()
      last = await store.expire(cutoffMs, CHUNK)
      deleted += last
      await giveWay(performance.now() - startedAtMs, signal)
    }
    const before = new Date(cutoffMs).toISOString()
    if (deleted > 0) log.info({ deleted, before }, 'what visitors were recognised by has expired')
  },
})
