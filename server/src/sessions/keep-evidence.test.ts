import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { readRecognitionRows } from '../testing/recognition-rows.ts'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'
import type { Session } from './ports.ts'

let server: StartedServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const HOW: [string, (session: Session) => Promise<unknown>][] = [
  [
    'consent is taken back',
    (session) => server.server.rooms.sessions.withdraw(session, { atMs: Date.now(), mode: 'off' }),
  ],
  ['the data is erased', (session) => server.server.rooms.sessions.erase(session, [])],
]

it.each(HOW)('a report on its way while %s leaves nothing to recognise by', async (_what, end) => {
  const browser = createTestBrowser(server)
  const { recognition, sessions } = server.server.rooms
  const { id: siteId, fingerprintSalt } = await server.sites.getDefault()
  const evidence = { deviceId: randomUUID(), fingerprint: fingerprintOf(createSignals(), fingerprintSalt) }
  const before = await readRecognitionRows(server.storage)
  const { body } = await browser.call('POST', '/api/sessions', { body: {} })
  const session = await sessions.findBySessionId(siteId, body.session.sessionId)
  if (!session) throw new Error('The session was not stored.')
  // The worst moment: the session was read, the evidence is about to be kept.
  const remember = vi.spyOn(recognition, 'remember').mockImplementationOnce(async (...report) => {
    await end(session)
    await recognition.remember(...report)
  })
  const { status } = await browser.call('POST', '/api/sessions', { body: evidence })
  expect(remember).toHaveBeenCalledTimes(2)
  remember.mockRestore()
  expect(status).toBeLessThan(500)
  expect(await readRecognitionRows(server.storage)).toEqual(before)
})
