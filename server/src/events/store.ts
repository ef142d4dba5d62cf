import type { StoredEvent } from '@helloagain/protocol'
import { and, desc, eq, inArray, isNotNull, lt, max, or, sql, sum } from 'drizzle-orm'
import { Problem } from '../platform/http/problem.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { SessionTables } from '../sessions/tables.ts'
import type { EventLog } from './ports.ts'
import { type Countable, chooseShard, countQuarters } from './rollup.ts'
import { addToRollups } from './rollup-rows.ts'
import type { EventTables } from './tables.ts'

interface Cursor {
  readonly timestampMs: number
  readonly seq: number | null
  readonly eventId: string
}

/** What an event without `seq` sorts by: the engines do not agree where nulls go. */
const NO_SEQ = -1
/** Events that a session's clock is taken up with. */
const MAX_LATEST = 100

const CURSOR = /^(-?\d{1,16})\.(-1|\d{1,10})\.([0-9a-f-]{36})$/

const writeCursor = ({ timestampMs, seq, eventId }: Cursor) =>
  Buffer.from(`${timestampMs}.${seq ?? NO_SEQ}.${eventId}`).toString('base64url')

function parseCursor(text: string): Cursor {
  const [, timestampMs, seq, eventId] = CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? []
  if (timestampMs === undefined || seq === undefined || eventId === undefined) {
    throw new Problem('request.invalid', { issues: [{ path: 'before', message: 'Not a cursor.' }] })
  }
  return { timestampMs: Number(timestampMs), seq: Number(seq), eventId }
}

const toStoredEvent = (row: EventTables['eventLogs']['$inferSelect']): StoredEvent => ({
  eventId: row.eventId,
  eventType: row.eventType,
  payload: row.payload,
  timestamp: new Date(row.timestampMs).toISOString(),
})

/** What is read back of the log. Appending is the engines' own affair: event-log-sqlite, event-log-postgres. */
export function createEventReader(
  storage: Storage<EventTables>,
): Pick<EventLog, 'activityCounts' | 'listBySession' | 'listLatest'> {
  const { eventLogs, activityCounts } = storage.tables
  const place = sql`coalesce(${eventLogs.seq}, ${sql.raw(String(NO_SEQ))})`
  const isBefore = ({ timestampMs, seq, eventId }: Cursor) =>
    or(
      lt(eventLogs.timestampMs, timestampMs),
      and(eq(eventLogs.timestampMs, timestampMs), lt(place, seq)),
      and(eq(eventLogs.timestampMs, timestampMs), eq(place, seq), lt(eventLogs.eventId, eventId)),
    )
  return {
    async listBySession(siteId, sessionId, { limit, before }) {
      const rows = await storage.db
        .select()
        .from(eventLogs)
        .where(
          and(
            eq(eventLogs.siteId, siteId),
            eq(eventLogs.sessionId, sessionId),
            before === undefined ? undefined : isBefore(parseCursor(before)),
          ),
        )
        .orderBy(desc(eventLogs.timestampMs), desc(place), desc(eventLogs.eventId))
        .limit(limit + 1)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        events: rows.slice(0, limit).map(toStoredEvent),
        nextBefore: last ? writeCursor(last) : null,
      }
    },
    async listLatest(siteId, sessionId) {
      const { seq, clientTimestampMs, timestampMs, isProven } = eventLogs
      const rows = await storage.db
        .select({ seq, clientMs: clientTimestampMs, atMs: timestampMs })
        .from(eventLogs)
        .where(
          and(
            eq(eventLogs.siteId, siteId),
            eq(eventLogs.sessionId, sessionId),
            eq(isProven, true),
            // Events of a back end or of the server's own have none, and another clock.
            isNotNull(seq),
          ),
        )
        .orderBy(desc(timestampMs))
        .limit(MAX_LATEST)
      return rows.flatMap(({ clientMs, ...row }) => (clientMs === null ? [] : [{ ...row, clientMs }]))
    },
    async activityCounts(visitorIds) {
      if (visitorIds.length === 0) return new Map()
      const rows = await storage.db
        .select({
          type: activityCounts.activityType,
          count: sum(activityCounts.count).mapWith(Number),
          lastAtMs: max(activityCounts.lastAtMs),
        })
        .from(activityCounts)
        .where(inArray(activityCounts.visitorId, [...visitorIds]))
        .groupBy(activityCounts.activityType)
      return new Map(rows.map(({ type, count, lastAtMs }) => [type, { count, lastAtMs: Number(lastAtMs) }]))
    },
  }
}

type EraserStorage = Storage<EventTables & SessionTables>

/** By session, because that is what the log is indexed by: no scan of the whole table. */
async function listSessions({ db, tables }: EraserStorage, siteId: string, visitorId: string) {
  const { userSessions, visits } = tables
  const sessions = await db
    .selectDistinct({ id: userSessions.sessionId })
    .from(userSessions)
    .where(and(eq(userSessions.siteId, siteId), eq(userSessions.visitorId, visitorId)))
  const visited = await db
    .selectDistinct({ id: visits.sessionId })
    .from(visits)
    .where(and(eq(visits.siteId, siteId), eq(visits.visitorId, visitorId)))
  return new Set([...sessions, ...visited].map(({ id }) => id))
}

/**
 * Erases a visitor's events and counts, all or nothing; the visitor's sessions must still be there. The rollups, which
 * name nobody, go on counting the events, and note how many of them were erased. Answers how many events.
 */
export function createEventEraser(storage: EraserStorage) {
  const { eventLogs, activityCounts } = storage.tables
  const shard = chooseShard()
  async function erase(inner: EraserStorage, siteId: string, visitorId: string): Promise<number> {
    const erased: Countable[] = []
    for (const id of await listSessions(inner, siteId, visitorId)) {
      const rows = await inner.db
        .delete(eventLogs)
        .where(
          and(eq(eventLogs.siteId, siteId), eq(eventLogs.sessionId, id), eq(eventLogs.visitorId, visitorId)),
        )
        .returning({
          siteId: eventLogs.siteId,
          eventType: eventLogs.eventType,
          timestampMs: eventLogs.timestampMs,
          receivedAtMs: eventLogs.receivedAtMs,
          isProven: eventLogs.isProven,
        })
      for (const row of rows) erased.push(row)
    }
    await inner.db
      .delete(activityCounts)
      .where(and(eq(activityCounts.siteId, siteId), eq(activityCounts.visitorId, visitorId)))
    // Last, as appends do: both take the rows of activities first, those of rollups then.
    const counts = countQuarters(erased).map(({ events, unproven, ...key }) => ({
      ...key,
      ...{ events: 0, unproven: 0, erased: events, erasedUnproven: unproven },
    }))
    await addToRollups(inner, counts, shard)
    return erased.length
  }
  return (siteId: string, visitorId: string): Promise<number> =>
    storage.transaction((inner) => erase(inner, siteId, visitorId))
}
