import { beforeEach, describe, expect, it } from 'vitest'
import type { HotSession } from '../sessions/ports.ts'
import type { Append, EventLog, EventRow } from './ports.ts'
import { createEvents } from './service.ts'

const NOW_MS = Date.UTC(2026, 5, 1, 12)
const DAY_MS = 86_400_000
const SESSION: HotSession = {
  siteId: 'site',
  sessionId: '0b0f4f3e-0000-4000-8000-000000000001',
  visitorId: 'visitor',
  mode: 'recognition',
  cookieHash: null,
  hasDeviceKey: false,
  expiresAtMs: NOW_MS + DAY_MS,
  visitId: null,
  lastActivityAtMs: NOW_MS,
  clockOffsetMs: null,
  firstSeenAtMs: NOW_MS,
  pagesVisited: 0,
}
const ARRIVAL = { receivedAtMs: NOW_MS, sentAtMs: null, isProven: true }

describe('events', () => {
  let rows: EventRow[]
  let flushes: (readonly Append[])[]
  const log: EventLog = {
    async append(appends) {
      flushes.push(appends)
      return appends.map((one) =>
        one.rows.map((row) => {
          const isNew = !rows.some((known) => known.eventId === row.eventId)
          if (isNew) rows.push(row)
          return isNew
        }),
      )
    },
    listLatest: async () => [],
    listBySession: async () => ({ events: [], nextBefore: null }),
    activityCounts: async () => new Map([['PAGE_VIEW', { count: 2, lastAtMs: NOW_MS }]]),
  }
  const eventsRoom = (isEnabled = true) =>
    createEvents({ log, nowMs: () => NOW_MS, retentionMs: 90 * DAY_MS, isEnabled })

  beforeEach(() => {
    rows = []
    flushes = []
  })

  it('stores the good ones, tells repeats, and names the bad ones by index and field', async () => {
    const good = { eventType: 'PAGE_VIEW', seq: 1 }
    const recorded = await eventsRoom().record(SESSION, [good, { eventType: 'x' }, good], ARRIVAL)
    expect(recorded).toMatchObject({
      accepted: 1,
      duplicates: 1,
      rejected: [{ index: 1, code: 'event.type_invalid', issue: { path: 'eventType' } }],
    })
    expect(rows).toMatchObject([
      {
        siteId: 'site',
        sessionId: SESSION.sessionId,
        visitorId: 'visitor',
        timestampMs: NOW_MS,
        isProven: true,
      },
    ])
  })

  it('lets requests of one turn share one flush', async () => {
    const events = eventsRoom()
    await Promise.all([1, 2, 3].map((seq) => events.record(SESSION, [{ eventType: 'A', seq }], ARRIVAL)))
    expect(flushes).toHaveLength(1)
  })

  it('does not trouble the log when nothing is left to store', async () => {
    expect(await eventsRoom().record(SESSION, [{}], ARRIVAL)).toMatchObject({ accepted: 0, duplicates: 0 })
    expect(flushes).toEqual([])
  })

  it('measures a payload as it was sent, not what scrubbing leaves of it', async () => {
    const payload = { page: `/a?${'x'.repeat(33_000)}` }
    const { rejected } = await eventsRoom().record(SESSION, [{ eventType: 'PAGE_VIEW', payload }], ARRIVAL)
    expect(rejected).toMatchObject([{ code: 'event.payload_too_large' }])
  })

  it('notes an event of the server itself, proven and at its own time', async () => {
    await eventsRoom().note(SESSION, { eventType: 'LOGIN', payload: { method: 'password' } }, NOW_MS - 5)
    expect(rows).toMatchObject([
      { eventType: 'LOGIN', timestampMs: NOW_MS - 5, isProven: true, payloadJson: '{"method":"password"}' },
    ])
  })

  it('notes each event it is told of, also two alike at one moment', async () => {
    const events = eventsRoom()
    for (let times = 0; times < 2; times += 1) await events.note(SESSION, { eventType: 'LOGIN' }, NOW_MS)
    expect(new Set(rows.map(({ eventId }) => eventId)).size).toBe(2)
  })

  it('refuses to note what no client may send either', async () => {
    const note = eventsRoom().note(SESSION, { eventType: 'log in' }, NOW_MS)
    await expect(note).rejects.toMatchObject({ code: 'event.type_invalid' })
  })

  it('stores nothing while tracking is off', async () => {
    const events = eventsRoom(false)
    expect(events.isEnabled).toBe(false)
    await events.note(SESSION, { eventType: 'LOGIN' }, NOW_MS)
    expect(await events.record(SESSION, [{ eventType: 'A' }], ARRIVAL)).toMatchObject({ accepted: 0 })
    expect(flushes).toEqual([])
  })
})
