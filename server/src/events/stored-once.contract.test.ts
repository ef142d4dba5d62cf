import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../platform/log.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import type { HotSession } from '../sessions/ports.ts'
import { NOW_MS, openSession } from '../testing/event-rows.ts'
import { createEventLog } from './event-log.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createRollups } from './rollup-rows.ts'
import { createEvents } from './service.ts'

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

onEveryEngine('an event that is sent again', (storage) => {
  let session: HotSession
  beforeEach(async () => {
    session = await openSession(storage())
  })

  /** A server as it is after a start, at a time; it keeps events long enough to take old ones again. */
  async function send(atMs: number, event: object, sentAtMs: number | null = null) {
    const options = { nowMs: () => atMs, retentionMs: 3 * YEAR_MS }
    await createHousekeeping(storage(), { ...options, log: createLog('silent') }).prepare()
    const events = createEvents({ log: createEventLog(storage()), ...options, isEnabled: true })
    const arrival = { receivedAtMs: atMs, sentAtMs, isProven: true }
    const { accepted, duplicates, rejected } = await events.record({ ...session }, [event], arrival)
    return { accepted, duplicates, rejected: rejected.length }
  }
  async function countStored() {
    const { db, tables } = storage()
    const { eventLogs: t } = tables
    const rows = await db.select({ id: t.eventId }).from(t).where(eq(t.siteId, session.siteId))
    const sums = await createRollups(storage()).sum({ siteId: session.siteId, fromMs: 0, toMs: 2 * NOW_MS })
    return { rows: rows.length, counted: sums.reduce((sum, { events }) => sum + events, 0) }
  }

  const timestamp = new Date(NOW_MS - 5000).toISOString()
  const page = { eventType: 'PAGE_VIEW', payload: { page: '/' } }
  const kinds: [string, () => object][] = [
    ['with a UUIDv7', () => ({ ...page, eventId: v7({ msecs: NOW_MS - 5000 }) })],
    ['with a UUIDv7 of a clock far ahead', () => ({ ...page, eventId: v7({ msecs: NOW_MS + YEAR_MS }) })],
    ['with another id and a time', () => ({ ...page, eventId: randomUUID(), timestamp })],
    [
      'with another id and a time in its payload',
      () => ({ ...page, eventId: randomUUID(), payload: { timestamp } }),
    ],
    ['with another id and no time', () => ({ ...page, eventId: randomUUID() })],
    ['without id, with a sequence number', () => ({ ...page, seq: 7, timestamp })],
    ['without id and number', () => ({ ...page, timestamp })],
    ['with nothing but its contents', () => page],
  ]

  describe.each(kinds)('%s', (_kind, make) => {
    it.each([
      ['at once', 0],
      ['in the month after', 31 * DAY_MS],
      ['two years later', 2 * YEAR_MS],
    ])('%s, to another server, is a duplicate', async (_when, laterMs) => {
      const event = make()
      expect(await send(NOW_MS, event)).toEqual({ accepted: 1, duplicates: 0, rejected: 0 })
      expect(await send(NOW_MS + laterMs, event)).toEqual({ accepted: 0, duplicates: 1, rejected: 0 })
      expect(await countStored()).toEqual({ rows: 1, counted: 1 })
    })
  })

  it('by a client whose clock was set meanwhile is a duplicate', async () => {
    const slowMs = NOW_MS - 7 * DAY_MS
    const event = { ...page, eventId: randomUUID(), timestamp: new Date(slowMs - 5000).toISOString() }
    expect(await send(NOW_MS, event, slowMs)).toMatchObject({ accepted: 1 })
    expect(await send(NOW_MS + DAY_MS, event, NOW_MS + DAY_MS)).toMatchObject({ accepted: 0, duplicates: 1 })
  })
})
