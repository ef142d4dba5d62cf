import { randomUUID } from 'node:crypto'
import { count, eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const THIRTY = Array.from({ length: 30 }, (_, index) => index)

onEveryEngine('thirty requests at once', (storage) => {
  async function countRows(sessionId: string) {
    const { db, tables } = storage()
    const [sessions] = await db
      .select({ total: count() })
      .from(tables.userSessions)
      .where(eq(tables.userSessions.sessionId, sessionId))
    const [events] = await db
      .select({ total: count() })
      .from(tables.eventLogs)
      .where(eq(tables.eventLogs.sessionId, sessionId))
    const [visitors] = await db.select({ total: count() }).from(tables.visitors)
    return { sessions: sessions?.total, events: events?.total, visitors: visitors?.total }
  }

  it('open one session of one new id, whose cookie goes to its maker alone', async () => {
    const server = await startServer({ storage: storage() })
    const sessionId = randomUUID()
    const before = await countRows(sessionId)
    const answers = await Promise.all(
      THIRTY.map(() =>
        createTestBrowser(server).call('POST', '/api/sessions', {
          headers: { 'X-Session-ID': sessionId },
          body: {},
        }),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await countRows(sessionId)).toMatchObject({ sessions: 1 })
    const makers = answers.filter(({ body }) => body.session.sessionId === sessionId && !body.restricted)
    expect(makers).toHaveLength(1)
    for (const { body, setCookies } of answers) {
      const isOthers = body.session.sessionId === sessionId && body.restricted
      if (isOthers) expect([setCookies, body.visitor]).toEqual([[], undefined])
    }
    const after = await countRows(sessionId)
    const opened = new Set(answers.map(({ body }) => body.session.sessionId))
    // Nobody's half-made visitor is left over.
    expect((after.visitors ?? 0) - (before.visitors ?? 0)).toBe(opened.size)
    await server.close()
  })

  it('send the first events of one new session: one session, thirty events', async () => {
    const server = await startServer({ storage: storage() })
    const sessionId = randomUUID()
    const answers = await Promise.all(
      THIRTY.map((seq) =>
        createTestBrowser(server).call('POST', '/api/events', {
          headers: { 'X-Session-ID': sessionId },
          body: { events: [{ eventId: randomUUID(), seq, eventType: 'PAGE_VIEW', payload: {} }] },
        }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(THIRTY.map(() => 202))
    expect(await countRows(sessionId)).toMatchObject({ sessions: 1, events: 30 })
    await server.close()
  })

  it('come back after a pause: one new visit', async () => {
    const server = await startServer({ storage: storage() })
    const browser = createTestBrowser(server)
    await browser.call('POST', '/api/sessions', { body: {} })
    server.clock.advance(31 * 60_000)
    await Promise.all(THIRTY.map(() => browser.call('POST', '/api/sessions', { body: {} })))
    const { body } = await browser.call('POST', '/api/sessions', { body: {} })
    expect(body.visitor.visits).toBe(2)
    await server.close()
  })
})
