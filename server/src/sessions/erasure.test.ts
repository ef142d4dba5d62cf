import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

it('P6 a search of the database files finds nothing of a person who cleared their data', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'erasure-'))
  const storage = await openStorage(undefined, folder)
  const server = await startServer({ storage })
  const browser = createTestBrowser(server)
  const { body } = await browser.call('POST', '/api/sessions', { body: { deviceId: 'device-of-hypatia' } })
  const { sessionId } = body.session
  const path = `/api/sessions/${sessionId}`
  await browser.call('PATCH', `${path}/profile`, { body: { firstName: 'Hypatia-of-Alexandria' } })
  await browser.call('PUT', `${path}/progress/quiz`, { body: { state: { answer: 'conic-sections' } } })
  await browser.call('POST', '/api/events', {
    headers: { 'X-Session-ID': sessionId },
    body: { eventType: 'QUIZ_COMPLETED', payload: { quizType: 'astrolabe-quiz' } },
  })

  async function search(): Promise<string[]> {
    const names = await readdir(folder)
    const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
    const traces = [
      'Hypatia-of-Alexandria',
      'conic-sections',
      'astrolabe-quiz',
      sessionId,
      body.visitor.visitorId,
    ]
    return traces.filter((trace) => files.some((text) => text.includes(trace)))
  }

  // So that an empty search later means something.
  expect(await search()).toHaveLength(5)
  expect((await browser.call('DELETE', path)).status).toBe(200)
  expect(await search()).toEqual([])
  await server.close()
  await storage.close()
  await rm(folder, { recursive: true })
})

it('an event that comes while a person is erased keeps nothing of them in memory', async () => {
  const server = await startServer()
  const { rooms } = server.server
  const { eventLogs } = server.storage.tables
  const browser = createTestBrowser(server)
  const { body } = await browser.call('POST', '/api/sessions', { body: {} })
  const headers = { 'X-Session-ID': body.session.sessionId }
  const send = () => {
    const event = { eventId: randomUUID(), eventType: 'CONTENT_CLICK' }
    return browser.call('POST', '/api/events', { headers, body: event })
  }
  const { id: siteId } = await rooms.sites.getDefault()
  const session = await rooms.sessions.findBySessionId(siteId, body.session.sessionId)
  if (!session) throw new Error('The session was not stored.')
  await rooms.sessions.erase(session, [send])
  const before = await server.storage.db.select().from(eventLogs)
  expect((await send()).status).toBe(202)
  const [after, ...more] = (await server.storage.db.select().from(eventLogs)).slice(before.length)
  expect([after?.visitorId === session.visitorId, more]).toEqual([false, []])
  expect(after).toBeDefined()
  await server.close()
})
