import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

let server: StartedServer
// Time stands still but for what a test moves: a slow machine must not turn a moment into a second.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

/** Last activity of the session, its visit and its visitor, as stored. */
async function seenAtMs() {
  const { db, tables } = server.storage
  const rows = await Promise.all([
    db.select({ atMs: tables.userSessions.lastSeenAtMs }).from(tables.userSessions),
    db.select({ atMs: tables.visits.lastAtMs }).from(tables.visits),
    db.select({ atMs: tables.visitors.lastSeenAtMs }).from(tables.visitors),
  ])
  return rows.map(([row]) => row?.atMs)
}

const open = (body: object = {}) => ({ body: { consent: { choice: 'granted' }, ...body } })

it('writes down pages that open together once, and the next activity again', async () => {
  server = await startServer()
  const { call } = createTestBrowser(server)
  await call('POST', '/api/sessions', open())
  const first = await seenAtMs()
  server.clock.advance(999)
  expect((await call('POST', '/api/sessions', open())).status).toBe(200)
  expect(await seenAtMs()).toEqual(first)
  server.clock.advance(1)
  await call('POST', '/api/sessions', open())
  expect(await seenAtMs()).toEqual(first.map((atMs = 0) => atMs + 1000))
})

it('writes down what is new about the browser, however soon it is told', async () => {
  server = await startServer()
  const { call } = createTestBrowser(server)
  await call('POST', '/api/sessions', open())
  const { body } = await call('POST', '/api/sessions', open({ metadata: { language: 'de' } }))
  const { db, tables } = server.storage
  const [row] = await db
    .select({ metadata: tables.userSessions.metadata })
    .from(tables.userSessions)
    .where(eq(tables.userSessions.sessionId, body.session.sessionId))
  expect(row?.metadata).toMatchObject({ language: 'de' })
})
