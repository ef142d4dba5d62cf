import type { Pool, PoolClient } from 'pg'
import type { Append, EventLog, EventRow } from './ports.ts'
import { writeTallies } from './postgres-tally-rows.ts'
import { countQuarters } from './rollup.ts'
import {
  activityAtMs,
  count,
  type KnownVisit,
  needsVisit,
  openTally,
  settle,
  type Tally,
  tallyKey,
} from './tally.ts'
import { isUnavailable, unavailable } from './unavailable.ts'

const INSERT_EVENTS = {
  name: 'events-insert',
  text: `INSERT INTO event_logs (site_id, event_id, session_id, visitor_id, visit_id, event_type, payload, seq,
    timestamp_ms, client_timestamp_ms, sent_at_ms, received_at_ms, is_proven, partition_ms)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
    $8::int[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::boolean[], $14::bigint[])
    ON CONFLICT DO NOTHING RETURNING site_id, event_id`,
}

const ASKED_SESSIONS = `user_sessions s JOIN unnest($1::text[], $2::text[]) AS asked (site_id, session_id)
  ON asked.site_id = s.site_id AND asked.session_id = s.session_id`

// So that two servers with a first event each do not open two visits; in the order in which tallies are written.
const LOCK_SESSIONS = {
  name: 'events-lock-sessions',
  text: `SELECT FROM ${ASKED_SESSIONS} ORDER BY s.session_id FOR UPDATE OF s`,
}

// Another statement: one that has waited for a lock sees the row it waited for anew, but not the visit it names.
const FIND_VISITS = {
  name: 'events-find-visits',
  text: `SELECT s.site_id, s.session_id, v.id, v.last_at_ms FROM ${ASKED_SESSIONS}
    JOIN visits v ON v.id = s.current_visit_id`,
}

const COUNT_ROLLUPS = {
  name: 'events-count-rollups',
  text: `INSERT INTO event_rollups AS r (site_id, quarter_ms, event_type, shard, events, unproven_events,
    erased_events, erased_unproven_events)
    SELECT t.*, 0, 0 FROM unnest($1::text[], $2::bigint[], $3::text[], $4::int[], $5::int[], $6::int[]) AS t
    ON CONFLICT (site_id, quarter_ms, event_type, shard) DO UPDATE
    SET events = r.events + excluded.events, unproven_events = r.unproven_events + excluded.unproven_events`,
}

interface VisitRow {
  readonly site_id: string
  readonly session_id: string
  readonly id: string
  readonly last_at_ms: string
}

/** The first append of each session: the one that opens its tally. */
function firstOfSessions(appends: readonly Append[]): Map<string, Append> {
  const first = new Map<string, Append>()
  for (const append of appends) {
    if (append.rows[0]?.isProven !== true) continue
    const key = tallyKey(append.session)
    if (!first.has(key)) first.set(key, append)
  }
  return first
}

async function findVisits(client: PoolClient, appends: Iterable<Append>): Promise<Map<string, KnownVisit>> {
  const asked = [...appends].filter((append) => needsVisit(append.session, activityAtMs(append)))
  const known = new Map<string, KnownVisit>()
  if (asked.length === 0) return known
  const values = [asked.map(({ session }) => session.siteId), asked.map(({ session }) => session.sessionId)]
  const [, { rows }] = await Promise.all([
    client.query({ ...LOCK_SESSIONS, values }),
    client.query<VisitRow>({ ...FIND_VISITS, values }),
  ])
  for (const { site_id, session_id, id, last_at_ms } of rows) {
    known.set(`${site_id}\n${session_id}`, { id, lastAtMs: Number(last_at_ms) })
  }
  return known
}

async function openTallies(client: PoolClient, appends: readonly Append[]): Promise<Map<string, Tally>> {
  const first = firstOfSessions(appends)
  const known = await findVisits(client, first.values())
  const tallies = new Map<string, Tally>()
  for (const [key, append] of first) tallies.set(key, openTally(append, activityAtMs(append), known.get(key)))
  for (const { session } of appends) {
    const hot = tallies.get(tallyKey(session))?.hotSessions
    if (hot && !hot.includes(session)) hot.push(session)
  }
  return tallies
}

interface Row {
  readonly row: EventRow
  readonly tally: Tally | undefined
  isNew: boolean
}

const rowKey = (siteId: string, eventId: string) => `${siteId}\n${eventId}`

/** One statement for all rows, in the order of their ids, so that two servers cannot deadlock on them. */
async function insertRows(client: PoolClient, entries: readonly Row[]): Promise<void> {
  const unique = new Map<string, Row>()
  for (const entry of entries) {
    const key = rowKey(entry.row.siteId, entry.row.eventId)
    if (!unique.has(key)) unique.set(key, entry)
  }
  const sorted = [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  const column = <T>(read: (row: EventRow) => T): T[] => sorted.map(({ row }) => read(row))
  const { rows } = await client.query<{ site_id: string; event_id: string }>({
    ...INSERT_EVENTS,
    values: [
      column((row) => row.siteId),
      column((row) => row.eventId),
      column((row) => row.sessionId),
      column((row) => row.visitorId),
      sorted.map(({ tally }) => tally?.visitId ?? null),
      column((row) => row.eventType),
      column((row) => row.payloadJson),
      column((row) => row.seq),
      column((row) => row.timestampMs),
      column((row) => row.clientTimestampMs),
      column((row) => row.sentAtMs),
      column((row) => row.receivedAtMs),
      column((row) => row.isProven),
      column((row) => row.partitionMs),
    ],
  })
  for (const { site_id, event_id } of rows) {
    const entry = unique.get(rowKey(site_id, event_id))
    if (entry) entry.isNew = true
  }
}

function writeRollups(client: PoolClient, entries: readonly Row[], shard: number): Promise<unknown>[] {
  const counts = countQuarters(entries.filter(({ isNew }) => isNew).map(({ row }) => row))
  if (counts.length === 0) return []
  const values = [
    counts.map(({ siteId }) => siteId),
    counts.map(({ quarterMs }) => quarterMs),
    counts.map(({ eventType }) => eventType),
    counts.map(() => shard),
    counts.map(({ events }) => events),
    counts.map(({ unproven }) => unproven),
  ]
  return [client.query({ ...COUNT_ROLLUPS, values })]
}

interface Flushed {
  readonly isNew: boolean[][]
  readonly tallies: Map<string, Tally>
}

/** One transaction in two trips, three when visits are asked for: what needs no answer goes along with what does. */
async function flush(client: PoolClient, appends: readonly Append[], shard: number): Promise<Flushed> {
  const begun = client.query('BEGIN')
  // Whoever waits for a later statement hears of this one's failure: the connection is broken.
  begun.catch(() => undefined)
  const tallies = await openTallies(client, appends)
  const entries = appends.map(({ session, rows }) => {
    const tally = rows[0]?.isProven === true ? tallies.get(tallyKey(session)) : undefined
    return rows.map((row): Row => ({ row, tally, isNew: false }))
  })
  const all = entries.flat()
  await Promise.all([begun, insertRows(client, all)])
  for (const { row, tally, isNew } of all) if (isNew && tally) count(tally, row)
  // COMMIT goes along: after a statement that failed it rolls back.
  await Promise.all([
    ...writeTallies(client, tallies.values()),
    ...writeRollups(client, all, shard),
    client.query('COMMIT'),
  ])
  return { isNew: entries.map((rows) => rows.map((entry) => entry.isNew)), tallies }
}

/**
 * Appends on PostgreSQL: one multi-row insert and the counters, in one transaction on one connection.
 *
 * @param pool of connections in pipeline mode
 * @param shard of the rollups
 */
export function createPostgresAppend(pool: Pool, shard: number): EventLog['append'] {
  async function inTransaction(appends: readonly Append[]): Promise<Flushed> {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      return await flush(client, appends, shard)
    } catch (error) {
      await client.query('ROLLBACK').catch((fault: Error) => {
        broken = fault
      })
      throw error
    } finally {
      client.release(broken)
    }
  }
  return async (appends) => {
    try {
      const { isNew, tallies } = await inTransaction(appends)
      settle(tallies.values())
      return isNew
    } catch (error) {
      throw isUnavailable(error) ? unavailable(error) : error
    }
  }
}
