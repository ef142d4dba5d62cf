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
