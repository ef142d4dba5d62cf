import type { Pool, PoolClient } from 'pg'
import { HOUSEKEEPING_LOCK, listPartitions } from './partition-rows.ts'
import {
  addCounts,
  completePart,
  type OnProgress,
  type RolledUp,
  type Snapshot,
  type SnapshotReader,
  type Stretch,
} from './rebuild.ts'
import { QUARTER_MS, type RollupCount } from './rollup.ts'

/** Blocks (8 KiB as a rule) read between two words about progress. */
const STEP_BLOCKS = 10_000

const HORIZON = 'SELECT complete_from_ms, rebuilds FROM event_horizon'
const ROLLED_UP = `SELECT site_id, quarter_ms, event_type, sum(events) AS events, sum(unproven_events) AS unproven,
  sum(erased_events) AS erased, sum(erased_unproven_events) AS erased_unproven
  FROM event_rollups WHERE quarter_ms >= $1 AND quarter_ms < $2 GROUP BY 1, 2, 3`
const BLOCKS = `SELECT pg_relation_size($1::regclass) / current_setting('block_size')::int AS blocks`

const countIn = (
  partition: string,
) => `SELECT site_id, at_ms - at_ms % ${QUARTER_MS} AS quarter_ms, event_type,
  count(*) AS events, count(*) FILTER (WHERE NOT is_proven) AS unproven
  FROM (SELECT site_id, event_type, is_proven, least(timestamp_ms, received_at_ms) AS at_ms
    FROM ${partition} WHERE ctid >= $1::tid AND ctid < $2::tid) AS happened
  WHERE at_ms >= $3 AND at_ms < $4 GROUP BY 1, 2, 3`

/** Numbers of eight bytes come as text. */
interface CountRow {
  readonly site_id: string
  readonly quarter_ms: string
  readonly event_type: string
  readonly events: string
  readonly unproven: string
}

interface RolledUpRow extends CountRow {
  readonly erased: string
  readonly erased_unproven: string
}

const toCount = (row: CountRow): RollupCount => ({
  siteId: row.site_id,
  quarterMs: Number(row.quarter_ms),
  eventType: row.event_type,
  events: Number(row.events),
  unproven: Number(row.unproven),
})

async function readRolledUp(client: PoolClient, { fromMs, toMs }: Stretch): Promise<RolledUp[]> {
  const { rows } = await client.query<RolledUpRow>(ROLLED_UP, [fromMs, toMs])
  return rows.map((row) => ({
    ...toCount(row),
    erased: Number(row.erased),
    erasedUnproven: Number(row.erased_unproven),
  }))
}

async function readHorizon(client: PoolClient): Promise<Snapshot['horizon']> {
  const { rows } = await client.query<{ complete_from_ms: string; rebuilds: number }>(HORIZON)
  const [row] = rows
  if (!row) throw new Error('event_horizon has lost its row; restore it from a backup.')
  return { completeFromMs: Number(row.complete_from_ms), rebuilds: row.rebuilds }
}

async function countEvents(client: PoolClient, { fromMs, toMs }: Stretch, onProgress: OnProgress) {
  const sized: { name: string; blocks: number }[] = []
  for (const { name } of await listPartitions(client)) {
    const { rows } = await client.query<{ blocks: string }>(BLOCKS, [name])
    sized.push({ name, blocks: Number(rows[0]?.blocks) })
  }
  const total = sized.reduce((sum, { blocks }) => sum + blocks, 0)
  const counted = new Map<string, RollupCount>()
  let done = 0
  for (const { name, blocks } of sized) {
    for (let block = 0; block < blocks; block += STEP_BLOCKS) {
      const end = Math.min(block + STEP_BLOCKS, blocks)
      const { rows } = await client.query<CountRow>(countIn(name), [
        `(${block},0)`,
        `(${end},0)`,
        fromMs,
        toMs,
      ])
      addCounts(counted, rows.map(toCount))
      done += end - block
      onProgress(done, total)
    }
  }
  return counted
}

async function readSnapshot(client: PoolClient, asked: Stretch, onProgress: OnProgress): Promise<Snapshot> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  // Before the snapshot is taken, with the first query: a partition dropped after it would be missing in it.
  await client.query('LOCK TABLE event_logs IN ACCESS SHARE MODE')
  const horizon = await readHorizon(client)
  const stretch = completePart(asked, horizon)
  const rolledUp = await readRolledUp(client, stretch)
  const counted = await countEvents(client, stretch, onProgress)
  await client.query('COMMIT')
  return { horizon, rolledUp, counted }
}

/** Reads in one transaction that sees the database as it was when it began. */
export function createPostgresSnapshots(pool: Pool): SnapshotReader {
  return {
    async read(asked, onProgress) {
      const client = await pool.connect()
      let broken: Error | undefined
      try {
        // Retention would wait for partitions that are being read, and all of ingest behind it.
        await client.query('SELECT pg_advisory_lock($1)', [HOUSEKEEPING_LOCK])
        return await readSnapshot(client, asked, onProgress)
      } finally {
        // Harmless after COMMIT, and also when nothing was begun.
        await client.query('ROLLBACK; SELECT pg_advisory_unlock_all()').catch((fault: Error) => {
          broken = fault
        })
        client.release(broken)
      }
    },
  }
}
