import type BetterSqlite3 from 'better-sqlite3'
import type { Engine } from '../platform/storage/storage.ts'
import type { Append, EventLog, EventRow } from './ports.ts'
import { countQuarters } from './rollup.ts'
import {
  activityAtMs,
  clockOffsetOf,
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

type Client = BetterSqlite3.Database

const INSERT_EVENT = `INSERT INTO event_logs (site_id, event_id, session_id, visitor_id, visit_id, event_type,
  payload, seq, timestamp_ms, client_timestamp_ms, sent_at_ms, received_at_ms, is_proven, partition_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

const FIND_VISIT = `SELECT v.id AS id, v.last_at_ms AS lastAtMs FROM user_sessions s
  JOIN visits v ON v.id = s.current_visit_id WHERE s.site_id = ? AND s.session_id = ?`

// A visitor that was erased while its session was hot gets no visit.
const INSERT_VISIT = `INSERT INTO visits (id, site_id, visitor_id, session_id, started_at_ms, last_at_ms,
  event_count, page_count) SELECT ?, ?, id, ?, ?, ?, ?, ? FROM visitors WHERE id = ?`

const UPDATE_VISIT = `UPDATE visits SET event_count = event_count + ?, page_count = page_count + ?,
  last_at_ms = max(last_at_ms, ?) WHERE id = ?`

// The expiry rolls: it stays as far behind the last activity as it was.
const UPDATE_SESSION = `UPDATE user_sessions SET current_visit_id = ?,
  expires_at_ms = expires_at_ms + max(0, ? - last_seen_at_ms), last_seen_at_ms = max(last_seen_at_ms, ?),
  clock_offset_ms = coalesce(?, clock_offset_ms) WHERE site_id = ? AND session_id = ?`

const UPDATE_VISITOR = `UPDATE visitors SET last_seen_at_ms = max(last_seen_at_ms, ?),
  visit_count = visit_count + ? WHERE id = ?`

const COUNT_ACTIVITY = `INSERT INTO activity_counts (site_id, visitor_id, activity_type, count, last_at_ms)
  VALUES (?, ?, ?, ?, ?) ON CONFLICT (visitor_id, activity_type) DO UPDATE
  SET count = count + excluded.count, last_at_ms = max(last_at_ms, excluded.last_at_ms)`

const COUNT_ROLLUP = `INSERT INTO event_rollups (site_id, quarter_ms, event_type, shard, events, unproven_events,
  erased_events, erased_unproven_events) VALUES (?, ?, ?, ?, ?, ?, 0, 0)
  ON CONFLICT (site_id, quarter_ms, event_type, shard) DO UPDATE
  SET events = events + excluded.events, unproven_events = unproven_events + excluded.unproven_events`

function prepare(client: Client) {
  return {
    insertEvent: client.prepare(INSERT_EVENT),
    findVisit: client.prepare(FIND_VISIT),
    insertVisit: client.prepare(INSERT_VISIT),
    updateVisit: client.prepare(UPDATE_VISIT),
    updateSession: client.prepare(UPDATE_SESSION),
    updateVisitor: client.prepare(UPDATE_VISITOR),
    countActivity: client.prepare(COUNT_ACTIVITY),
    countRollup: client.prepare(COUNT_ROLLUP),
  }
}

type Statements = ReturnType<typeof prepare>

interface Flushed {
  readonly isNew: boolean[][]
  readonly tallies: Map<string, Tally>
}

function insert({ insertEvent }: Statements, row: EventRow, visitId: string | null): boolean {
  const { changes } = insertEvent.run(
    row.siteId,
    row.eventId,
    row.sessionId,
    row.visitorId,
    visitId,
    row.eventType,
    row.payloadJson,
    row.seq,
    row.timestampMs,
    row.clientTimestampMs,
    row.sentAtMs,
    row.receivedAtMs,
    row.isProven ? 1 : 0,
    row.partitionMs,
  )
  return changes === 1
}

function tallyOf(statements: Statements, append: Append, tallies: Map<string, Tally>): Tally {
  const { session } = append
  const key = tallyKey(session)
  const open = tallies.get(key)
  if (open) {
    if (!open.hotSessions.includes(session)) open.hotSessions.push(session)
    return open
  }
  const atMs = activityAtMs(append)
  const known = needsVisit(session, atMs)
    ? (statements.findVisit.get(session.siteId, session.sessionId) as KnownVisit | undefined)
    : undefined
  const tally = openTally(append, atMs, known)
  tallies.set(key, tally)
  return tally
}

function writeTally(statements: Statements, tally: Tally): void {
  const { visitId, siteId, visitorId, sessionId, events, pages, lastAtMs, receivedAtMs } = tally
  if (tally.isNewVisit) {
    const { insertVisit } = statements
    insertVisit.run(visitId, siteId, sessionId, tally.firstAtMs, lastAtMs, events, pages, visitorId)
  } else statements.updateVisit.run(events, pages, lastAtMs, visitId)
  if (isSeenAnew(tally)) {
    const offsetMs = clockOffsetOf(tally)
    statements.updateSession.run(visitId, receivedAtMs, receivedAtMs, offsetMs, siteId, sessionId)
    statements.updateVisitor.run(receivedAtMs, tally.isNewVisit ? 1 : 0, visitorId)
  }
  for (const [type, activity] of tally.activities) {
    statements.countActivity.run(siteId, visitorId, type, activity.count, activity.lastAtMs)
  }
}

function flush(statements: Statements, appends: readonly Append[], shard: number): Flushed {
  const tallies = new Map<string, Tally>()
  const newRows: EventRow[] = []
  const isNew = appends.map((append) => {
    const isProven = append.rows[0]?.isProven === true
    const tally = isProven ? tallyOf(statements, append, tallies) : undefined
    return append.rows.map((row) => {
      const isNewRow = insert(statements, row, tally?.visitId ?? null)
      if (isNewRow) newRows.push(row)
      if (isNewRow && tally) count(tally, row)
      return isNewRow
    })
  })
  for (const tally of tallies.values()) if (tally.events > 0) writeTally(statements, tally)
  for (const { siteId, quarterMs, eventType, events, unproven } of countQuarters(newRows)) {
    statements.countRollup.run(siteId, quarterMs, eventType, shard, events, unproven)
  }
  return { isNew, tallies }
}

/**
 * Appends on SQLite: one synchronous transaction a flush, answered after its COMMIT has reached the disk.
 *
 * @param shard of the rollups
 */
export function createSqliteAppend(
  engine: Extract<Engine, { kind: 'sqlite' }>,
  shard: number,
): EventLog['append'] {
  let transaction: BetterSqlite3.Transaction<(appends: readonly Append[]) => Flushed> | undefined

  function append(client: Client, appends: readonly Append[]): boolean[][] {
    if (!transaction) {
      const statements = prepare(client)
      transaction = client.transaction((given: readonly Append[]) => flush(statements, given, shard))
    }
    const { isNew, tallies } = transaction.immediate(appends)
    settle(tallies.values())
    return isNew
  }

  return async (appends) => {
    try {
      return await engine.inTurn((client) => append(client, appends))
    } catch (error) {
      throw isUnavailable(error) ? unavailable(error) : error
    }
  }
}
