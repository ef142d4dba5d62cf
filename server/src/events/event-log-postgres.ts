import type { Pool, PoolClient } from 'pg'
import type { Append, EventLog, EventRow } from './ports.ts'
import {
  activityAtMs,
  count,
  isSeenAnew,
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

// Locked, so that two servers with a first event each do not open two visits.
const FIND_VISITS = {
  name: 'events-find-visits',
  text: `SELECT s.site_id, s.session_id, v.id, v.last_at_ms FROM user_sessions s
    JOIN unnest($1::text[], $2::text[]) AS asked (site_id, session_id)
      ON asked.site_id = s.site_id AND asked.session_id = s.session_id
    LEFT JOIN visits v ON v.id = s.current_visit_id
    ORDER BY s.id FOR UPDATE OF s`,
}

// A visitor that was erased while its session was hot gets no visit.
const INSERT_VISITS = {
  name: 'events-insert-visits',
  text: `INSERT INTO visits (id, site_id, visitor_id, session_id, started_at_ms, last_at_ms, event_count, page_count)
    SELECT t.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::int[],
    $8::int[]) AS t (id, site_id, visitor_id, session_id, started_at_ms, last_at_ms, event_count, page_count)
    JOIN visitors ON visitors.id = t.visitor_id`,
}

const UPDATE_VISITS = {
  name: 'events-update-visits',
  text: `UPDATE visits SET event_count = visits.event_count + t.events, page_count = visits.page_count + t.pages,
    last_at_ms = greatest(visits.last_at_ms, t.last_at_ms)
    FROM unnest($1::text[], $2::int[], $3::int[], $4::bigint[]) AS t (id, events, pages, last_at_ms)
    WHERE visits.id = t.id`,
}

// The expiry rolls: it stays as far behind the last activity as it was.
const UPDATE_SESSIONS = {
  name: 'events-update-sessions',
  text: `UPDATE user_sessions s SET current_visit_id = t.visit_id,
    expires_at_ms = s.expires_at_ms + greatest(0, t.at_ms - s.last_seen_at_ms),
    last_seen_at_ms = greatest(s.last_seen_at_ms, t.at_ms)
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS t (site_id, session_id, visit_id, at_ms)
    WHERE s.site_id = t.site_id AND s.session_id = t.session_id`,
}

const UPDATE_VISITORS = {
  name: 'events-update-visitors',
  text: `UPDATE visitors SET last_seen_at_ms = greatest(visitors.last_seen_at_ms, t.at_ms),
    visit_count = visitors.visit_count + t.visits
    FROM (SELECT id, max(at_ms) AS at_ms, sum(visits)::int AS visits
      FROM unnest($1::text[], $2::bigint[], $3::int[]) AS given (id, at_ms, visits) GROUP BY id) AS t
    WHERE visitors.id = t.id`,
}

// Sorted, so that two servers that count for the same visitors take the rows in one order.
const COUNT_ACTIVITIES = {
  name: 'events-count-activities',
  text: `INSERT INTO activity_counts AS a (site_id, visitor_id, activity_type, count, last_at_ms)
    SELECT site_id, visitor_id, activity_type, sum(count)::int, max(last_at_ms)
    FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[])
      AS t (site_id, visitor_id, activity_type, count, last_at_ms)
    GROUP BY site_id, visitor_id, activity_type ORDER BY visitor_id, activity_type
    ON CONFLICT (visitor_id, activity_type) DO UPDATE
    SET count = a.count + excluded.count, last_at_ms = greatest(a.last_at_ms, excluded.last_at_ms)`,
}

interface VisitRow {
  readonly site_id: string
  readonly session_id: string
  readonly id: string | null
  readonly last_at_ms: string | null
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
  const { rows } = await client.query<VisitRow>({
    ...FIND_VISITS,
    values: [asked.map(({ session }) => session.siteId), asked.map(({ session }) => session.sessionId)],
  })
  for (const { site_id, session_id, id, last_at_ms } of rows) {
    if (id !== null) known.set(`${site_id}\n${session_id}`, { id, lastAtMs: Number(last_at_ms) })
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

async function writeVisits(client: PoolClient, tallies: readonly Tally[]): Promise<void> {
  const opened = tallies.filter((tally) => tally.isNewVisit)
  const running = tallies.filter((tally) => !tally.isNewVisit)
  if (opened.length > 0) {
    await client.query({
      ...INSERT_VISITS,
      values: [
        opened.map((tally) => tally.visitId),
        opened.map((tally) => tally.siteId),
        opened.map((tally) => tally.visitorId),
        opened.map((tally) => tally.sessionId),
        opened.map((tally) => tally.firstAtMs),
        opened.map((tally) => tally.lastAtMs),
        opened.map((tally) => tally.events),
        opened.map((tally) => tally.pages),
      ],
    })
  }
  if (running.length > 0) {
    await client.query({
      ...UPDATE_VISITS,
      values: [
        running.map((tally) => tally.visitId),
        running.map((tally) => tally.events),
        running.map((tally) => tally.pages),
        running.map((tally) => tally.lastAtMs),
      ],
    })
  }
}

async function writeSeen(client: PoolClient, tallies: readonly Tally[]): Promise<void> {
  if (tallies.length === 0) return
  const seenAtMs = tallies.map((tally) => tally.receivedAtMs)
  await client.query({
    ...UPDATE_SESSIONS,
    values: [
      tallies.map((tally) => tally.siteId),
      tallies.map((tally) => tally.sessionId),
      tallies.map((tally) => tally.visitId),
      seenAtMs,
    ],
  })
  const opened = tallies.map((tally) => (tally.isNewVisit ? 1 : 0))
  await client.query({
    ...UPDATE_VISITORS,
    values: [tallies.map((tally) => tally.visitorId), seenAtMs, opened],
  })
}

async function writeTallies(client: PoolClient, tallies: readonly Tally[]): Promise<void> {
  if (tallies.length === 0) return
  await writeVisits(client, tallies)
  await writeSeen(client, tallies.filter(isSeenAnew))
  const activities = tallies.flatMap((tally) =>
    [...tally.activities].map(([type, { count: times, lastAtMs }]) => ({ tally, type, times, lastAtMs })),
  )
  await client.query({
    ...COUNT_ACTIVITIES,
    values: [
      activities.map(({ tally }) => tally.siteId),
      activities.map(({ tally }) => tally.visitorId),
      activities.map(({ type }) => type),
      activities.map(({ times }) => times),
      activities.map(({ lastAtMs }) => lastAtMs),
    ],
  })
}

async function flush(client: PoolClient, appends: readonly Append[]) {
  const tallies = await openTallies(client, appends)
  const entries = appends.map(({ session, rows }) => {
    const tally = rows[0]?.isProven === true ? tallies.get(tallyKey(session)) : undefined
    return rows.map((row): Row => ({ row, tally, isNew: false }))
  })
  await insertRows(client, entries.flat())
  for (const { row, tally, isNew } of entries.flat()) if (isNew && tally) count(tally, row)
  // In one order on every server: see COUNT_ACTIVITIES.
  const counted = [...tallies.values()]
    .filter((tally) => tally.events > 0)
    .sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1))
  await writeTallies(client, counted)
  return { isNew: entries.map((rows) => rows.map((entry) => entry.isNew)), tallies }
}

/** Appends on PostgreSQL: one multi-row insert and the counters, in one transaction on one connection. */
export function createPostgresAppend(pool: Pool): EventLog['append'] {
  async function inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const result = await work(client)
      await client.query('COMMIT')
      return result
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
      const { isNew, tallies } = await inTransaction((client) => flush(client, appends))
      settle(tallies.values())
      return isNew
    } catch (error) {
      throw isUnavailable(error) ? unavailable(error) : error
    }
  }
}
