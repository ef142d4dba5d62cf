import { randomUUID } from 'node:crypto'
import { VISIT_GAP_MS } from '@helloagain/protocol'
import { and, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../platform/ids.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import type { HotSession } from '../sessions/ports.ts'
import { NOW_MS, openSession, rowOf, TTL_MS } from '../testing/event-rows.ts'
import { createEventLog } from './event-log.ts'
import type { EventLog, EventRow } from './ports.ts'
import { createEventEraser } from './store.ts'

onEveryEngine('event log', (storage) => {
  let log: EventLog
  let session: HotSession

  beforeEach(async () => {
    log = createEventLog(storage())
    session = await openSession(storage())
  })

  const append = async (...rows: EventRow[]) => (await log.append([{ session, rows }]))[0]
  const visitsOf = ({ visitorId }: HotSession) => {
    const { db, tables } = storage()
    return db.select().from(tables.visits).where(eq(tables.visits.visitorId, visitorId))
  }
  const sessionRow = async ({ siteId, sessionId }: HotSession) => {
    const { db, tables } = storage()
    const { userSessions: t } = tables
    const [row] = await db
      .select()
      .from(t)
      .where(and(eq(t.siteId, siteId), eq(t.sessionId, sessionId)))
    return row
  }
  const visitorRow = async ({ visitorId }: HotSession) => {
    const { db, tables } = storage()
    const [row] = await db.select().from(tables.visitors).where(eq(tables.visitors.id, visitorId))
    return row
  }
  const rowsOf = ({ siteId }: HotSession) => {
    const { db, tables } = storage()
    return db.select().from(tables.eventLogs).where(eq(tables.eventLogs.siteId, siteId))
  }
  const counts = async ({ visitorId }: HotSession) =>
    Object.fromEntries(await log.activityCounts([visitorId]))
  const pageViews = async () => (await log.activityCounts([session.visitorId])).get('PAGE_VIEW')?.count

  describe('storing', () => {
    it('keeps every column of a row', async () => {
      const row = rowOf(session, { payloadJson: '{"a":{"b":[1,"é😀"]}}', seq: 7, sentAtMs: NOW_MS + 5 })
      expect(await append(row)).toEqual([true])
      const { payloadJson, ...columns } = row
      expect(await rowsOf(session)).toEqual([
        { ...columns, payload: JSON.parse(payloadJson), visitId: session.visitId },
      ])
    })

    it('stores an id once, for good, and tells the repeat', async () => {
      const row = rowOf(session)
      expect(await append(row)).toEqual([true])
      expect(await append(row, rowOf(session))).toEqual([false, true])
      const later = { ...row, receivedAtMs: NOW_MS + TTL_MS, timestampMs: NOW_MS + TTL_MS }
      expect(await append(later)).toEqual([false])
      expect(await rowsOf(session)).toHaveLength(2)
    })

    it('tells a repeat within one append, and between two appends of one flush', async () => {
      const row = rowOf(session)
      expect(await append(row, row)).toEqual([true, false])
      const other = rowOf(session)
      const flushed = await log.append([
        { session, rows: [other] },
        { session, rows: [other, rowOf(session)] },
      ])
      expect(flushed).toEqual([[true], [false, true]])
      expect(await pageViews()).toBe(3)
    })

    it('keeps one id apart on two sites', async () => {
      const other = await openSession(storage(), { sessionId: session.sessionId })
      const eventId = newId()
      const flushed = await log.append([
        { session, rows: [rowOf(session, { eventId })] },
        { session: other, rows: [rowOf(other, { eventId })] },
      ])
      expect(flushed).toEqual([[true], [true]])
      expect(await rowsOf(other)).toHaveLength(1)
    })

    it('answers for five hundred rows in the order they were given', async () => {
      const rows = Array.from({ length: 500 }, (_, seq) => rowOf(session, { seq }))
      await append(...rows.filter((_, index) => index % 2 === 0))
      expect(await append(...rows)).toEqual(rows.map((_, index) => index % 2 === 1))
    })

    it('stores nothing of a flush that fails half-way', async () => {
      const broken = rowOf(session, { eventType: null as unknown as string })
      await expect(append(rowOf(session), broken)).rejects.toThrow()
      expect(await rowsOf(session)).toEqual([])
      expect(await visitsOf(session)).toEqual([])
      expect(session.visitId).toBeNull()
    })
  })

  describe('counting', () => {
    it('opens a visit with the first event and counts events and pages in it', async () => {
      await append(rowOf(session), rowOf(session, { eventType: 'CONTENT_CLICK', timestampMs: NOW_MS + 10 }))
      await append(rowOf(session, { timestampMs: NOW_MS + 60_000, receivedAtMs: NOW_MS + 60_000 }))
      const [visit, ...others] = await visitsOf(session)
      expect(others).toEqual([])
      expect(visit).toMatchObject({
        id: session.visitId,
        sessionId: session.sessionId,
        startedAtMs: NOW_MS,
        lastAtMs: NOW_MS + 60_000,
        eventCount: 3,
        pageCount: 2,
      })
      expect(session).toMatchObject({ lastActivityAtMs: NOW_MS + 60_000, pagesVisited: 2 })
      expect(await visitorRow(session)).toMatchObject({ visitCount: 1, lastSeenAtMs: NOW_MS + 60_000 })
    })

    it('opens another visit after a pause of more than thirty minutes, not at thirty', async () => {
      await append(rowOf(session))
      const atGapMs = NOW_MS + VISIT_GAP_MS
      await append(rowOf(session, { timestampMs: atGapMs, receivedAtMs: atGapMs }))
      expect(await visitsOf(session)).toHaveLength(1)
      const laterMs = atGapMs + VISIT_GAP_MS + 1
      await append(rowOf(session, { timestampMs: laterMs, receivedAtMs: laterMs }))
      expect(await visitsOf(session)).toHaveLength(2)
      expect(await visitorRow(session)).toMatchObject({ visitCount: 2 })
      expect(await sessionRow(session)).toMatchObject({ currentVisitId: session.visitId })
    })

    it('goes on with the visit the database knows when the hot session was lost', async () => {
      await append(rowOf(session))
      const fresh = { ...session, visitId: null, lastActivityAtMs: 0 }
      await log.append([{ session: fresh, rows: [rowOf(fresh)] }])
      expect(fresh.visitId).toBe(session.visitId)
      expect(await visitsOf(session)).toHaveLength(1)
    })

    it('opens one visit for the first events of a session that several servers take at once', async () => {
      const servers = Array.from({ length: 4 }, () => ({ ...session }))
      await Promise.all(
        servers.map((hot) => createEventLog(storage()).append([{ session: hot, rows: [rowOf(hot)] }])),
      )
      expect((await visitsOf(session)).map(({ eventCount }) => eventCount)).toEqual([4])
      expect(new Set(servers.map(({ visitId }) => visitId)).size).toBe(1)
    })

    it('opens one visit for two appends of one new session in one flush', async () => {
      const copy = { ...session }
      await log.append([
        { session, rows: [rowOf(session)] },
        { session: copy, rows: [rowOf(copy)] },
      ])
      expect(copy.visitId).toBe(session.visitId)
      const visits = await visitsOf(session)
      expect(visits.map((visit) => visit.eventCount)).toEqual([2])
    })

    it('rolls the expiry of the session with its last activity', async () => {
      await append(rowOf(session, { receivedAtMs: NOW_MS + 5000 }))
      expect(await sessionRow(session)).toMatchObject({
        lastSeenAtMs: NOW_MS + 5000,
        expiresAtMs: NOW_MS + 5000 + TTL_MS,
      })
      await append(rowOf(session, { receivedAtMs: NOW_MS }))
      expect(await sessionRow(session)).toMatchObject({ lastSeenAtMs: NOW_MS + 5000 })
    })

    it('counts what a visitor did, over all of its sessions', async () => {
      const { siteId, visitorId } = session
      const second = await openSession(storage(), { siteId, visitorId })
      await log.append([
        { session, rows: [rowOf(session), rowOf(session, { eventType: 'QUIZ_STARTED' })] },
        { session: second, rows: [rowOf(second, { timestampMs: NOW_MS - 1 })] },
      ])
      expect(await counts(session)).toEqual({
        PAGE_VIEW: { count: 2, lastAtMs: NOW_MS },
        QUIZ_STARTED: { count: 1, lastAtMs: NOW_MS },
      })
      expect(await visitorRow(session)).toMatchObject({ visitCount: 2 })
      expect(await log.activityCounts([])).toEqual(new Map())
    })

    it('counts nothing for repeats', async () => {
      const row = rowOf(session)
      await append(row)
      const before = [await visitsOf(session), await sessionRow(session), await visitorRow(session)]
      await append({ ...row, receivedAtMs: NOW_MS + TTL_MS, timestampMs: NOW_MS + TTL_MS })
      expect([await visitsOf(session), await sessionRow(session), await visitorRow(session)]).toEqual(before)
      expect(await pageViews()).toBe(1)
    })

    it('touches nothing but the log for events without proof', async () => {
      const before = [await sessionRow(session), await visitorRow(session)]
      expect(await append(rowOf(session, { isProven: false, receivedAtMs: NOW_MS + 9 }))).toEqual([true])
      expect(await rowsOf(session)).toMatchObject([{ isProven: false, visitId: null }])
      expect([await sessionRow(session), await visitorRow(session)]).toEqual(before)
      expect(await visitsOf(session)).toEqual([])
      expect(await counts(session)).toEqual({})
      expect(session.visitId).toBeNull()
    })

    it('stores events of a session that the database does not hold, without a visit', async () => {
      const unknown = { ...session, sessionId: randomUUID(), visitorId: newId(), siteId: newId() }
      expect(await log.append([{ session: unknown, rows: [rowOf(unknown)] }])).toEqual([[true]])
      expect(await visitsOf(unknown)).toEqual([])
    })
  })

  describe('reading', () => {
    const page = (limit: number, before?: string) =>
      log.listBySession(session.siteId, session.sessionId, { limit, ...(before && { before }) })

    it('answers the newest first, with type, payload and time', async () => {
      const older = rowOf(session, { timestampMs: NOW_MS - 1000 })
      const newer = rowOf(session, { eventType: 'QUIZ_STARTED' })
      await append(newer, older)
      expect(await page(10)).toEqual({
        events: [
          {
            eventId: newer.eventId,
            eventType: 'QUIZ_STARTED',
            payload: { page: '/shoes' },
            timestamp: '2026-06-01T12:00:00.000Z',
          },
          expect.objectContaining({ eventId: older.eventId }),
        ],
        nextBefore: null,
      })
    })

    it('walks every event exactly once by its cursor, also where times are equal', async () => {
      const rows = Array.from({ length: 25 }, (_, index) =>
        rowOf(session, { timestampMs: NOW_MS + Math.floor(index / 10) }),
      )
      await append(...rows)
      const seen: string[] = []
      let before: string | undefined
      do {
        const { events, nextBefore } = await page(7, before)
        seen.push(...events.map((event) => event.eventId))
        before = nextBefore ?? undefined
      } while (before)
      const newestFirst = rows.toSorted((a, b) =>
        a.timestampMs === b.timestampMs ? (a.eventId < b.eventId ? 1 : -1) : b.timestampMs - a.timestampMs,
      )
      expect(seen).toEqual(newestFirst.map((row) => row.eventId))
    })

    it('answers nothing of another session or another site', async () => {
      await append(rowOf(session))
      expect(await log.listBySession(session.siteId, randomUUID(), { limit: 5 })).toMatchObject({
        events: [],
      })
      expect(await log.listBySession(newId(), session.sessionId, { limit: 5 })).toMatchObject({ events: [] })
    })

    it.each(['', 'x', 'bm90IGEgY3Vyc29y', '1.2', '\u0000'])('refuses the cursor %j', async (before) => {
      const asked = log.listBySession(session.siteId, session.sessionId, { limit: 5, before })
      await expect(asked).rejects.toMatchObject({ code: 'request.invalid', issues: [{ path: 'before' }] })
    })
  })

  it('erases the events and counts of one visitor and nobody else', async () => {
    const { siteId } = session
    const other = await openSession(storage(), { siteId })
    await log.append([
      { session, rows: [rowOf(session), rowOf(session, { isProven: false })] },
      { session: other, rows: [rowOf(other)] },
    ])
    expect(await createEventEraser(storage())(siteId, session.visitorId)).toBe(2)
    expect(await rowsOf(session)).toMatchObject([{ visitorId: other.visitorId }])
    expect(await counts(session)).toEqual({})
    expect(await counts(other)).toMatchObject({ PAGE_VIEW: { count: 1 } })
  })
})
