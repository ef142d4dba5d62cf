import type { Log } from '../platform/log.ts'
import type { Engine } from '../platform/storage/storage.ts'
import {
  addMonth,
  countDefault,
  DEFAULT_PARTITION,
  listPartitions,
  monthOf,
  underLock,
} from './partition-rows.ts'

/** Months made ahead of the running one: a server that is down meanwhile for weeks still finds its partition. */
const MONTHS_AHEAD = 3
/** Odd clocks file a few events there; more means that a month is missing, or somebody plays. */
const MANY_ROWS = 10_000

/** Sees to it that each month has its partition before its events come. */
export interface PartitionKeeper {
  /** Never rejects: what has no partition yet is kept in the default one. */
  keep(options?: { readonly tries?: number; readonly signal?: AbortSignal }): Promise<void>
}

/** Keeps the partitions of PostgreSQL; SQLite has none. */
export function createPartitionKeeper(
  engine: Engine,
  { nowMs, log }: { nowMs: () => number; log: Log },
): PartitionKeeper {
  if (engine.kind === 'sqlite') return { keep: () => Promise.resolve() }
  const { pool } = engine
  return {
    async keep({ tries = 3, signal } = {}) {
      try {
        const there = new Set((await listPartitions(pool)).map(({ name }) => name))
        const ahead = Array.from({ length: MONTHS_AHEAD + 1 }, (_, offset) => monthOf(nowMs(), offset))
        for (const month of ahead.filter(({ name }) => !there.has(name))) {
          await underLock(pool, { tries, signal }, (client) => addMonth(client, month))
        }
        const rows = await countDefault(pool, MANY_ROWS)
        if (rows < MANY_ROWS) log.debug({ rows }, `${DEFAULT_PARTITION} holds few events`)
        else log.warn({ rows }, `${DEFAULT_PARTITION} holds many events: they are deleted row by row`)
      } catch (error) {
        if (signal?.aborted) return
        log.warn({ err: error }, `a month has no partition yet; its events are kept in ${DEFAULT_PARTITION}`)
      }
    },
  }
}
