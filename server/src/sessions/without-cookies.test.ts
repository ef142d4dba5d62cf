import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const DAY_MS = 86_400_000

let server: StartedServer
afterEach(() => server.close())

/** A page of a browser that keeps no cookie: it opens its session, observes itself, and reports that a moment later. */
async function openPage(deviceId: string, signals: Readonly<Record<string, unknown>>) {
  const { fingerprintSalt } = await server.sites.getDefault()
  // A new one for each call: the cookie of the one before is gone.
  const open = async (body: object, sessionId?: string) => {
    const headers = sessionId === undefined ? {} : { 'X-Session-ID': sessionId }
    const called = await createTestBrowser(server).call('POST', '/api/sessions', { headers, body })
    return called.body
  }
  const opened = await open({ deviceId })
  const fingerprint = fingerprintOf(signals, fingerprintSalt)
  return [opened, await open({ deviceId, fingerprint }, opened.session.sessionId)]
}

it('a first visit without cookies is nobody who came back, though it takes two calls', async () => {
  server = await startServer()
  const answers = await openPage(randomUUID(), createSignals())
  for (const { recognition, journey } of answers) {
    expect(recognition).toEqual({ method: 'new_user', isReturning: false })
    expect(journey.user_type).toBe('anonymous')
  }
})

it('who keeps the device id is recognised by it on the next visit', async () => {
  server = await startServer()
  const deviceId = randomUUID()
  const signals = createSignals()
  await openPage(deviceId, signals)
  server.clock.advance(3 * DAY_MS)
  const [opened] = await openPage(deviceId, signals)
  expect(opened.recognition).toEqual({ method: 'device_id', isReturning: true })
})

it('who keeps nothing at all is recognised by what the second call observed', async () => {
  server = await startServer()
  const signals = createSignals()
  await openPage(randomUUID(), signals)
  server.clock.advance(3 * DAY_MS)
  const [opened, completed] = await openPage(randomUUID(), signals)
  expect(opened.recognition.isReturning).toBe(false)
  expect(completed.recognition).toEqual({ method: 'fingerprint_recognized', isReturning: true })
})
