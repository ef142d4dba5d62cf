import type { Pool, PoolClient } from 'pg'
import { giveWay } from '../platform/jobs/give-way.ts'
import { openPool } from '../platform/storage/postgres/migrate.ts'
import {
  HOUSEKEEPING_LOCK,
  isOutOfTime,
  listPartitions,
  type Partition,
  underLock,
} from './partition-rows.ts'
import { CHUNK_ROWS, type Retention, type RetentionRound, type RetentionRun } from './retention.ts'

/** A reader may be at a partition for as long as this many tries, and more: then it is dropped an hour later. */
const TRIES = 10
/** Rows are looked up so many at a time: looking passes by those deleted before, until they are vacuumed. */
const FOUND_ROWS = 50_000
/** No statement takes as long, unless the database fell silent: the round then ends, and the server can stop. */
const QUERY_LIMIT_MS = 600_000

// So that blocks written lately are known, too; else each of them would be read.
const SUMMARISE = `SELECT brin_summarize_new_values(i.indexrelid) FROM pg_inherits p
  JOIN pg_index i ON i.indrelid = p.inhrelid JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
  WHERE p.inhparent = 'event_logs'::regclass AND a.amname = 'brin'`

/** By the summary of blocks, whatever the planner thinks of a partition it has no statistics of. */
async function hasYoung(client: PoolClient, name: string, cutoffMs: number): Promise<boolean> {
  await client.query('SET LOCAL enable_seqscan = off')
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM ${name} WHERE timestamp_ms >= $1) AS found`,
    [cutoffMs],
  )
  return rows[0]?.found === true
}

/** Drops a partition that is old as a whole, if it is: clocks differ, so a late event may be young. */
async function drop(pool: Pool, name: string, { cutoffMs, signal }: RetentionRound) {
  try {
    return await underLock(pool, { tries: TRIES, signal }, async (client) => {
      if (await hasYoung(client, name, cutoffMs)) return 'mixed'
      await client.query(`DROP TABLE ${name}`)
      return 'dropped'
    })
  } catch (error) {
    if (isOutOfTime(error)) return 'postponed'
    throw error
  }
}

async function deleteRows(pool: Pool, name: string, { cutoffMs, signal }: RetentionRound): Promise<number> {
  let deleted = 0
  let found: string[]
  do {
    const { rows } = await pool.query<{ at: string }>(
      `SELECT ctid::text AS at FROM ${name} WHERE timestamp_ms < $1 LIMIT ${FOUND_ROWS}`,
      [cutoffMs],
    )
    found = rows.map(({ at }) => at)
    for (let start = 0; start < found.length && !signal.aborted; start += CHUNK_ROWS) {
      const startedAtMs = performance.now()
      // The place of a row that was deleted meanwhile may be another's by now: that is why its time is asked again.
      const { rowCount } = await pool.query(
        `DELETE FROM ${name} WHERE ctid = ANY($1::tid[]) AND timestamp_ms < $2`,
        [found.slice(start, start + CHUNK_ROWS), cutoffMs],
      )
      deleted += rowCount ?? 0
      await giveWay(performance.now() - startedAtMs, signal)
    }
  } while (found.length === FOUND_ROWS && !signal.aborted)
  return deleted
}

/** Whether all of it was filed before the cut. What has no date, or an odd one, is looked at row by row. */
const isOld = ({ range }: Partition, cutoffMs: number) =>
  range !== undefined && range.fromMs > 0 && range.toMs <= cutoffMs

async function runAlone(pool: Pool, round: RetentionRound): Promise<RetentionRun> {
  await pool.query(SUMMARISE)
  const run = { deleted: 0, dropped: [] as string[], postponed: [] as string[] }
  for (const partition of await listPartitions(pool)) {
    if (round.signal.aborted) break
    const { name } = partition
    const fate = isOld(partition, round.cutoffMs) ? await drop(pool, name, round) : 'mixed'
    if (fate === 'mixed') run.deleted += await deleteRows(pool, name, round)
    else run[fate].push(name)
  }
  return run
}

async function runLocked(pool: Pool, round: RetentionRound): Promise<RetentionRun | undefined> {
  const holder = await pool.connect()
  try {
    const { rows } = await holder.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [
      HOUSEKEEPING_LOCK,
    ])
    return rows[0]?.got === true ? await runAlone(pool, round) : undefined
  } finally {
    // The lock goes with its connection.
    holder.release(true)
  }
}

/** Retention on PostgreSQL: whole months by DROP, the rest by chunks of rows; by one server at a time. */
export function createPostgresRetention(serving: Pool): Retention {
  return {
    async run(round) {
      // Of its own: what is looked for may take longer than a visitor would wait, and takes nobody's connection.
      const pool = openPool(serving.options.connectionString ?? '', { max: 2, query_timeout: QUERY_LIMIT_MS })
      try {
        return await runLocked(pool, round)
      } finally {
        await pool.end()
      }
    },
  }
}
