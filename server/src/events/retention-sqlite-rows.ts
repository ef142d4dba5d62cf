import type BetterSqlite3 from 'better-sqlite3'
import { giveWay } from '../platform/jobs/give-way.ts'
import type { Engine } from '../platform/storage/storage.ts'
import { CHUNK_ROWS, type Retention, type RetentionRound } from './retention.ts'

// Rows lie in the order of their arrival, and no index leads from a time to its rows: it would cost every insert. What
// is due lies at the front, but for events that came late: a sweep over all rows once a day finds those.
const SWEEP_EVERY_MS = 86_400_000

const FIND_END = 'SELECT max(rowid) FROM event_logs'
const FIND_CHUNK = `SELECT max(rowid) AS last, sum(is_old) AS old FROM (SELECT rowid, timestamp_ms < ? AS is_old
  FROM event_logs WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ${CHUNK_ROWS})`
const DELETE_CHUNK = 'DELETE FROM event_logs WHERE rowid > ? AND rowid <= ? AND timestamp_ms < ?'

/** Rows after the first bound, up to the second one. */
type Stretch = readonly [afterRow: number, lastRow: number]

interface Chunk {
  readonly last: number | null
  readonly deleted: number
}

function deleteChunk(client: BetterSqlite3.Database, [afterRow, endRow]: Stretch, cutoffMs: number): Chunk {
  const { last, old } = client.prepare(FIND_CHUNK).get(cutoffMs, afterRow, endRow) as {
    last: number | null
    old: number | null
  }
  if (last === null || !old) return { last, deleted: 0 }
  const { changes } = client.prepare(DELETE_CHUNK).run(afterRow, last, cutoffMs)
  return { last, deleted: changes }
}

/** Retention on SQLite: by chunks of rows, each a transaction of its own. */
export function createSqliteRetention(
  { inTurn }: Extract<Engine, { kind: 'sqlite' }>,
  nowMs: () => number,
): Retention {
  let sweptAtMs = Number.NEGATIVE_INFINITY

  async function walk({ cutoffMs, signal }: RetentionRound, isSweep: boolean): Promise<number> {
    // What arrives meanwhile is not walked: the walk would not end while much arrives.
    const endRow = Number(await inTurn((client) => client.prepare(FIND_END).pluck().get()))
    let deleted = 0
    let last: number | null = -1
    while (last !== null && !signal.aborted) {
      const startedAtMs = performance.now()
      const afterRow: number = last
      const chunk = await inTurn((client) => deleteChunk(client, [afterRow, endRow], cutoffMs))
      deleted += chunk.deleted
      if (!isSweep && chunk.deleted === 0) break
      last = chunk.last
      await giveWay(performance.now() - startedAtMs, signal)
    }
    return deleted
  }

  return {
    async run(round) {
      const startedAtMs = nowMs()
      const isSweep = startedAtMs - sweptAtMs >= SWEEP_EVERY_MS
      const deleted = await walk(round, isSweep)
      if (isSweep && !round.signal.aborted) sweptAtMs = startedAtMs
      return { deleted, dropped: [], postponed: [] }
    },
  }
}
