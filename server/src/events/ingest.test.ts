import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../platform/ids.ts'
import { cookieOf, countSessions, eventOf, sendEvents, storedEvents } from '../testing/send-events.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

let server: StartedServer
let sessionId: string
beforeAll(async () => {
  server = await startServer()
  await server.sites.addOrigin('default', 'https://shop.example')
})
afterAll(() => server.close())
beforeEach(() => {
  sessionId = randomUUID()
})

const post = (body: unknown, headers: Record<string, string> = {}) =>
  sendEvents(server.url, body, { 'X-Session-ID': sessionId, ...headers })
const stored = (id = sessionId) => storedEvents(server, id)

describe('POST /api/events', () => {
  it('202 takes the event of document 001 and opens its session', async () => {
    const answer = await post({
      eventType: 'QUIZ_STARTED',
      payload: { quizType: 'personality-assessment', timestamp: '2024-01-01T00:00:00.000Z' },
    })
    expect(answer.status).toBe(202)
    expect(answer.body).toEqual({ success: true, sessionId, accepted: 1, duplicates: 0, rejected: [] })
    expect(await stored()).toMatchObject([{ eventType: 'QUIZ_STARTED', isProven: true }])
    expect(cookieOf(answer)).toMatch(/^ha_session=/)
  })

  it('202 tells new events from repeats, also across restarts of the session', async () => {
    const events = [eventOf(), eventOf()]
    expect((await post({ events })).body).toMatchObject({ accepted: 2, duplicates: 0 })
    const again = await post({ events: [...events, eventOf(), events[0]] })
    expect(again.body).toMatchObject({ accepted: 1, duplicates: 3 })
    expect(await stored()).toHaveLength(3)
  })

  it('202 stores a resent event without an id once', async () => {
    const event = { eventType: 'CONTENT_CLICK', payload: { page: '/a' }, timestamp: new Date().toISOString() }
    expect((await post(event)).body).toMatchObject({ accepted: 1 })
    expect((await post(event)).body).toMatchObject({ accepted: 0, duplicates: 1 })
    expect((await post({ ...event, seq: 1 })).body).toMatchObject({ accepted: 1 })
  })

  it('202 keeps the good events of a bad batch and names the bad ones', async () => {
    const events = [
      eventOf(),
      eventOf({ eventType: 'page view' }),
      eventOf({ eventId: 'nope' }),
      eventOf({ payload: 'text' }),
      eventOf({ payload: { text: 'x'.repeat(33_000) } }),
      eventOf({ timestamp: '1999-01-01T00:00:00.000Z' }),
      eventOf({ timestamp: 'now' }),
      'no event',
      eventOf({ seq: 0.5 }),
      eventOf(),
    ]
    const { status, body } = await post({ events })
    expect(status).toBe(202)
    expect(body.accepted).toBe(2)
    expect(body.rejected.map((one: { index: number; code: string }) => [one.index, one.code])).toEqual([
      [1, 'event.type_invalid'],
      [2, 'event.id_invalid'],
      [3, 'event.payload_invalid'],
      [4, 'event.payload_too_large'],
      [5, 'event.timestamp_out_of_range'],
      [6, 'event.timestamp_invalid'],
      [7, 'event.invalid'],
      [8, 'event.invalid'],
    ])
    expect(body.rejected[0].message).toContain('eventType')
    expect(await stored()).toHaveLength(2)
  })

  it('202 opens no session for a batch without a good event', async () => {
    const { status, body } = await post({ events: [{}] })
    expect([status, body.accepted, body.rejected.length]).toEqual([202, 0, 1])
    expect(await countSessions(server, sessionId)).toBe(0)
  })

  it('202 stores addresses without secrets and forms without values', async () => {
    await post({
      events: [
        eventOf({ payload: { page: '/reset?token=1&utm_source=mail#x' } }),
        eventOf({ eventType: 'FORM_PROGRESS', payload: { fields: { email: 'ann@example.com' } } }),
      ],
    })
    const payloads = (await stored()).map((row) => row.payload)
    expect(payloads).toContainEqual({ page: '/reset?utm_source=mail' })
    expect(payloads).toContainEqual({ fields: ['email'] })
  })

  it('202 corrects a clock that is years off by sentAt', async () => {
    const sentAt = '2020-05-05T05:05:05.000Z'
    const { body } = await post({ sentAt, events: [eventOf({ timestamp: sentAt })] })
    expect(body.accepted).toBe(1)
    const [row] = await stored()
    expect(row?.clientTimestampMs).toBe(Date.parse(sentAt))
    expect(Math.abs((row?.timestampMs ?? 0) - server.clock.nowMs())).toBeLessThan(5000)
  })

  it('202 marks events without proof and touches nothing else', async () => {
    await post(eventOf())
    const { db, tables } = server.storage
    const touched = () =>
      Promise.all([
        db.select().from(tables.userSessions).where(eq(tables.userSessions.sessionId, sessionId)),
        db.select().from(tables.visits).where(eq(tables.visits.sessionId, sessionId)),
      ])
    const before = await touched()
    server.clock.advance(60_000)
    // The cookie was not sent back: somebody else knows the id.
    expect((await post(eventOf())).body).toMatchObject({ accepted: 1 })
    expect((await stored()).map((row) => row.isProven).sort()).toEqual([false, true])
    expect(await touched()).toEqual(before)
  })

  it('202 counts events that come with the cookie', async () => {
    const cookie = cookieOf(await post(eventOf()))
    await post({ events: [eventOf(), eventOf({ eventType: 'CONTENT_CLICK' })] }, { Cookie: cookie })
    expect((await stored()).every((row) => row.isProven)).toBe(true)
    const { db, tables } = server.storage
    const visits = await db.select().from(tables.visits).where(eq(tables.visits.sessionId, sessionId))
    expect(visits).toMatchObject([{ eventCount: 3, pageCount: 2 }])
  })

  it('202 groups a cookieless page that keeps no id, and stores no cookie', async () => {
    const consent = { choice: 'unset', optOutSignal: true }
    const event = eventOf()
    const answer = await sendEvents(server.url, { consent, events: [event] }, { 'Sec-GPC': '1' })
    expect([answer.status, answer.body.accepted, answer.body.sessionId]).toEqual([202, 1, null])
    expect(answer.headers.getSetCookie()).toEqual([])
    expect((await sendEvents(server.url, { consent, events: [event] })).body.duplicates).toBe(1)
  })

  it('202 takes a beacon: text/plain with key and session in the body, trailing slash', async () => {
    const { site, publishableKey } = await server.sites.create(`beacon-${newId()}`, {
      unsetMode: 'recognition',
    })
    await server.sites.addOrigin(site.name, 'https://beacon.example')
    const response = await fetch(`${server.url}/api/events/?v=1`, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain;charset=UTF-8', Origin: 'https://beacon.example' },
      body: JSON.stringify({ siteKey: publishableKey, sessionId, events: [eventOf()] }),
    })
    expect(response.status).toBe(202)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://beacon.example')
    expect(await stored()).toMatchObject([{ siteId: site.id }])
  })

  it('202 lets the header win over the body', async () => {
    const other = randomUUID()
    expect((await post({ sessionId: other, events: [eventOf()] })).body.sessionId).toBe(sessionId)
    expect(await stored(other)).toEqual([])
  })

  it('202 answers as the rest of the server does: request id, CORS, limits, safe headers', async () => {
    const headers = { Origin: 'https://shop.example', 'X-Request-ID': 'my-request-1' }
    const answer = await post(eventOf(), headers)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-credentials': 'true',
      'access-control-allow-origin': 'https://shop.example',
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
      ratelimit: expect.stringMatching(/"events_session";r=\d+;t=\d+, "events_address";r=/),
      vary: 'Origin',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'my-request-1',
    })
  })
})

it('a busy session outlives the expiry it had when it was last read', async () => {
  const HOUR_MS = 3_600_000
  const started = await startServer({ config: { SESSION_EXPIRY: HOUR_MS } })
  try {
    const id = randomUUID()
    const opened = await sendEvents(started.url, eventOf(), { 'X-Session-ID': id })
    const headers = { 'X-Session-ID': id, Cookie: cookieOf(opened) }
    for (let sent = 0; sent < 9; sent += 1) {
      started.clock.advance(HOUR_MS / 4)
      expect((await sendEvents(started.url, eventOf(), headers)).status).toBe(202)
    }
    const rows = await storedEvents(started, id)
    expect(rows.map(({ isProven }) => isProven)).toEqual(Array.from({ length: 10 }, () => true))
    started.clock.advance(HOUR_MS + 1)
    await sendEvents(started.url, eventOf(), headers)
    const late = (await storedEvents(started, id)).filter(({ isProven }) => !isProven)
    expect(late).toHaveLength(1)
  } finally {
    await started.close()
  }
})
