import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { cookieOf, eventOf, sendEvents, storedEvents } from '../testing/send-events.ts'
import { startServer } from '../testing/start-server.ts'

let sessionId: string
beforeEach(() => {
  sessionId = randomUUID()
})

describe('limits', () => {
  it('429 with Retry-After once a session has sent too many events, counted by events', async () => {
    const strict = await startServer({ limits: { events_session: { points: 3, perSeconds: 60 } } })
    try {
      const headers = { 'X-Session-ID': sessionId }
      expect((await sendEvents(strict.url, { events: [eventOf(), eventOf()] }, headers)).status).toBe(202)
      const refused = await sendEvents(strict.url, { events: [eventOf(), eventOf()] }, headers)
      expect([refused.status, refused.body.error.code]).toEqual([429, 'request.rate_limited'])
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await sendEvents(strict.url, eventOf(), { 'X-Session-ID': randomUUID() })).status).toBe(202)
    } finally {
      await strict.close()
    }
  })

  it('429 once an address has sent too many events, whatever its sessions', async () => {
    const strict = await startServer({ limits: { events_address: { points: 2, perSeconds: 60 } } })
    try {
      const one = () => sendEvents(strict.url, eventOf(), { 'X-Session-ID': randomUUID() })
      expect([(await one()).status, (await one()).status, (await one()).status]).toEqual([202, 202, 429])
    } finally {
      await strict.close()
    }
  })
})

describe('ENABLE_EVENT_TRACKING=false', () => {
  it('202 takes nothing, says so, and still names what is malformed', async () => {
    const off = await startServer({ config: { ENABLE_EVENT_TRACKING: false } })
    try {
      const answer = await sendEvents(off.url, eventOf(), { 'X-Session-ID': sessionId })
      expect([answer.status, answer.body]).toEqual([
        202,
        { success: true, sessionId, accepted: 0, duplicates: 0, rejected: [], tracking: 'disabled' },
      ])
      expect((await sendEvents(off.url, '{')).status).toBe(400)
      const { db, tables } = off.storage
      expect(await db.select().from(tables.userSessions)).toEqual([])
      expect(await db.select().from(tables.eventLogs)).toEqual([])
    } finally {
      await off.close()
    }
  })
})

describe('a database that cannot store', () => {
  it('503 with Retry-After, nothing acknowledged, and recovers by itself', async () => {
    const storage = await openStorage(':memory:', '')
    const broken = await startServer({ storage })
    const { engine } = storage
    if (engine.kind !== 'sqlite') throw new Error('This test sets a pragma of SQLite.')
    try {
      const first = await sendEvents(broken.url, eventOf(), { 'X-Session-ID': sessionId })
      const headers = { 'X-Session-ID': sessionId, Cookie: cookieOf(first) }
      await engine.inTurn((client) => client.pragma('query_only = ON'))
      const refused = await sendEvents(broken.url, eventOf(), headers)
      expect([refused.status, refused.body.error.code]).toEqual([503, 'server.unavailable'])
      expect(refused.headers.get('retry-after')).toBe('1')
      await engine.inTurn((client) => client.pragma('query_only = OFF'))
      expect((await sendEvents(broken.url, eventOf(), headers)).body).toMatchObject({ accepted: 1 })
      expect(await storedEvents(broken, sessionId)).toHaveLength(2)
    } finally {
      await broken.close()
      await storage.close()
    }
  })
})

onEveryEngine('first events of a new session', (storage) => {
  it('from thirty requests at once: one session, thirty events, one visit', async () => {
    const here = await startServer({ storage: storage() })
    try {
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => sendEvents(here.url, eventOf(), { 'X-Session-ID': sessionId })),
      )
      expect(answers.map(({ status, body }) => [status, body.accepted])).toEqual(answers.map(() => [202, 1]))
      const { db, tables } = storage()
      expect(await storedEvents(here, sessionId)).toHaveLength(30)
      const sessions = await db
        .select()
        .from(tables.userSessions)
        .where(eq(tables.userSessions.sessionId, sessionId))
      expect(sessions).toHaveLength(1)
      expect(
        await db.select().from(tables.visits).where(eq(tables.visits.sessionId, sessionId)),
      ).toHaveLength(1)
    } finally {
      await here.close()
    }
  })

  it('repeats of one event from thirty requests at once: stored once', async () => {
    const here = await startServer({ storage: storage() })
    try {
      const event = eventOf()
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => sendEvents(here.url, event, { 'X-Session-ID': sessionId })),
      )
      const accepted = answers.reduce((sum, { body }) => sum + body.accepted, 0)
      const duplicates = answers.reduce((sum, { body }) => sum + body.duplicates, 0)
      expect([accepted, duplicates]).toEqual([1, 29])
    } finally {
      await here.close()
    }
  })
})
