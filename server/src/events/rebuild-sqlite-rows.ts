import BetterSqlite3 from 'better-sqlite3'
import { addCounts, completePart, type RolledUp, type Snapshot, type SnapshotReader } from './rebuild.ts'
import { QUARTER_MS, type RollupCount } from './rollup.ts'

/** Rows read between two words about progress. */
const STEP_ROWS = 50_000

const HORIZON = 'SELECT complete_from_ms AS completeFromMs, rebuilds FROM event_horizon'
const ROLLED_UP = `SELECT site_id AS siteId, quarter_ms AS quarterMs, event_type AS eventType, sum(events) AS events,
  sum(unproven_events) AS unproven, sum(erased_events) AS erased, sum(erased_unproven_events) AS erasedUnproven
  FROM event_rollups WHERE quarter_ms >= ? AND quarter_ms < ? GROUP BY 1, 2, 3`
const ENDS = 'SELECT coalesce(min(rowid), 0) AS first, coalesce(max(rowid), -1) AS last FROM event_logs'
const COUNT = `SELECT site_id AS siteId, at_ms - at_ms % ${QUARTER_MS} AS quarterMs, event_type AS eventType,
  count(*) AS events, sum(NOT is_proven) AS unproven
  FROM (SELECT site_id, event_type, is_proven, min(timestamp_ms, received_at_ms) AS at_ms
    FROM event_logs WHERE rowid >= ? AND rowid < ?)
  WHERE at_ms >= ? AND at_ms < ? GROUP BY 1, 2, 3`

/** Reads by a connection of its own, which sees the file as it was when it began. */
export function createSqliteSnapshots(path: string): SnapshotReader {
  return {
    async read(asked, onProgress) {
      const client = new BetterSqlite3(path, { readonly: true })
      try {
        client.exec('BEGIN')
        // The casts hold because the queries above name the columns so.
        const horizon = client.prepare(HORIZON).get() as Snapshot['horizon']
        const { fromMs, toMs } = completePart(asked, horizon)
        const rolledUp = client.prepare(ROLLED_UP).all(fromMs, toMs) as RolledUp[]
        const { first, last } = client.prepare(ENDS).get() as { first: number; last: number }
        const counted = new Map<string, RollupCount>()
        const count = client.prepare(COUNT)
        for (let row = first; row <= last; row += STEP_ROWS) {
          addCounts(counted, count.all(row, row + STEP_ROWS, fromMs, toMs) as RollupCount[])
          onProgress(Math.min(row + STEP_ROWS, last + 1) - first, last + 1 - first)
          // So that the progress is seen, and a signal heard.
          await new Promise((resolve) => setImmediate(resolve))
        }
        return { horizon, rolledUp, counted }
      } finally {
        client.close()
      }
    },
  }
}
