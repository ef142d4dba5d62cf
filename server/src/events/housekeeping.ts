import type { Job } from '../platform/jobs/jobs.ts'
import type { Log } from '../platform/log.ts'
import type { Storage } from '../platform/storage/storage.ts'
import { moveHorizon } from './horizon-rows.ts'
import { createPartitionKeeper } from './partition-keeper.ts'
import { createPostgresRetention } from './retention-postgres-rows.ts'
import { createSqliteRetention } from './retention-sqlite-rows.ts'
import type { EventTables } from './tables.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export interface HousekeepingOptions {
  readonly nowMs: () => number
  readonly log: Log
  /** How long events are kept after they happened. */
  readonly retentionMs: number
}

/** What keeps the log in order while the server runs. */
export interface Housekeeping {
  /** To be waited for before events come. Never rejects. */
  prepare(): Promise<void>
  readonly jobs: readonly Job[]
}

export function createHousekeeping(
  storage: Storage<EventTables>,
  { nowMs, log, retentionMs }: HousekeepingOptions,
): Housekeeping {
  const { engine } = storage
  const partitions = createPartitionKeeper(engine, { nowMs, log })
  const retention =
    engine.kind === 'sqlite' ? createSqliteRetention(engine, nowMs) : createPostgresRetention(engine.pool)

  async function deleteOld(signal: AbortSignal): Promise<void> {
    const startedAtMs = nowMs()
    const cutoffMs = startedAtMs - retentionMs
    // First of all: a rebuild of rollups must not count what is being deleted as complete.
    await moveHorizon(storage, cutoffMs)
    const run = await retention.run({ cutoffMs, signal })
    if (!run) return
    const before = new Date(cutoffMs).toISOString()
    log.info({ ...run, before, tookMs: nowMs() - startedAtMs }, 'events past their retention are deleted')
  }

  return {
    prepare: () => partitions.keep(),
    jobs: [
      { name: 'events.partitions', everyMs: DAY_MS, run: (signal) => partitions.keep({ tries: 20, signal }) },
      { name: 'events.retention', everyMs: HOUR_MS, run: deleteOld },
    ],
  }
}
