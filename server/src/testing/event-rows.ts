import type { EventRow } from '../events/ports.ts'
import { newId } from '../platform/ids.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { HotSession } from '../sessions/ports.ts'
import type { Tables } from '../tables.ts'

/** Told to everything, so that nothing asks the machine. */
export const NOW_MS = Date.UTC(2026, 5, 1, 12)
export const TTL_MS = 30 * 24 * 3_600_000

/** Test support: a session with its visitor, as the sessions room would have made them. */
export async function openSession(
  { db, tables }: Storage<Tables>,
  { siteId = newId(), visitorId = newId(), sessionId = newId() } = {},
): Promise<HotSession> {
  const visitor = { id: visitorId, siteId, firstSeenAtMs: NOW_MS, lastSeenAtMs: NOW_MS, visitCount: 0 }
  await db.insert(tables.visitors).values(visitor).onConflictDoNothing()
  await db.insert(tables.userSessions).values({
    id: newId(),
    siteId,
    sessionId,
    visitorId,
    mode: 'recognition',
    metadata: {},
    lastSeenAtMs: NOW_MS,
    expiresAtMs: NOW_MS + TTL_MS,
    createdAtMs: NOW_MS,
    updatedAtMs: NOW_MS,
  })
  return {
    siteId,
    sessionId,
    visitorId,
    mode: 'recognition',
    cookieHash: null,
    hasDeviceKey: false,
    expiresAtMs: NOW_MS + TTL_MS,
    visitId: null,
    lastActivityAtMs: NOW_MS,
    clockOffsetMs: null,
    firstSeenAtMs: NOW_MS,
    pagesVisited: 0,
  }
}

/** Test support: an event on its way into the log. */
export function rowOf(session: HotSession, row: Partial<EventRow> = {}): EventRow {
  return {
    siteId: session.siteId,
    eventId: newId(),
    sessionId: session.sessionId,
    visitorId: session.visitorId,
    eventType: 'PAGE_VIEW',
    payloadJson: '{"page":"/shoes"}',
    seq: 0,
    timestampMs: NOW_MS,
    clientTimestampMs: NOW_MS,
    sentAtMs: null,
    receivedAtMs: NOW_MS,
    isProven: true,
    partitionMs: NOW_MS,
    ...row,
  }
}
