import { afterEach, beforeEach, expect, expectTypeOf, it } from 'vitest'
import type { ErrorPayload } from '../errors/error-payload.ts'
import { closeClients, openPage, start } from '../fake-page.ts'
import { createRecorder } from './recorder.ts'
import { createTestServer, type TestServer } from './test-server.ts'

let server: TestServer
const options = () => ({ endpoint: 'https://hello.example/below', fetch: server.fetch })

beforeEach(() => {
  server = createTestServer()
})
afterEach(closeClients)

it('opens a session and takes events, each once, as a client sends them', async () => {
  const { client } = start(openPage(), options())
  client.track('QUIZ_STARTED', { quizType: 'plants' })
  await client.flush()
  expect(client.sessionId).toBe(server.sessions()[0]?.sessionId)
  expect(server.events('QUIZ_STARTED')).toMatchObject([{ payload: { quizType: 'plants' }, seq: 0 }])
  expect(server.events('QUIZ_COMPLETED')).toEqual([])
  expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /api/sessions',
    'POST /api/events',
  ])
  expect(client.stats()).toMatchObject({ waiting: 0, delivered: 1 })
})

it('greets somebody who was here before, and tells what is known of them', async () => {
  server.recognise({ userData: { firstName: 'Ada' } })
  const { client } = start(openPage(), options())
  const seen: unknown[] = []
  client.onRecognized((recognition) => seen.push(recognition))
  await client.ready()
  expect(seen).toEqual([{ method: 'cookie', isReturning: true }])
  expect(await client.profile()).toEqual({ firstName: 'Ada' })
})

it('tells nothing of a person who is recognised by less than cookie and key', async () => {
  server.recognise({ userData: { firstName: 'Ada' }, method: 'fingerprint_recognized' })
  const { client } = start(openPage(), options())
  await client.ready()
  expect(await client.profile()).toBeNull()
})

it('knows the browser again by its cookie, also after its storage was wiped', async () => {
  const first = start(openPage(), options()).client
  await first.ready()
  const { client } = start(openPage(), options())
  const seen: unknown[] = []
  client.onRecognized((recognition) => seen.push(recognition))
  await client.ready()
  expect(client.sessionId).toBe(first.sessionId)
  expect(seen).toHaveLength(1)
})

it('keeps what a person tells, and the state of a form, for the test to see', async () => {
  const { client } = start(openPage(), options())
  expect(await client.identify({ firstName: 'Ada', city: 'London' })).toMatchObject({ completion: 25 })
  expect(await client.saveProgress('quiz', { step: 3 })).toBe(true)
  expect(await client.resume('quiz')).toEqual({ step: 3 })
  expect(await client.resume('other')).toBeNull()
  const [session] = server.sessions()
  expect(session?.userData).toEqual({ firstName: 'Ada', city: 'London' })
  expect(session?.progress.get('quiz')).toEqual({ step: 3 })
})

it('waits for an event that is still to come, and says what came instead', async () => {
  const { client } = start(openPage(), options())
  const waiting = server.waitForEvent('QUIZ_STARTED')
  client.track('QUIZ_STARTED', { quizType: 'plants' })
  await client.flush()
  expect(await waiting).toMatchObject({ payload: { quizType: 'plants' } })
  expect(await server.waitForEvent('QUIZ_STARTED')).toBe(server.events('QUIZ_STARTED')[0])
  await expect(server.waitForEvent('SIGNUP_COMPLETED', { timeoutMs: 1 })).rejects.toThrow(
    'No SIGNUP_COMPLETED arrived within 1 ms, but QUIZ_STARTED.',
  )
})

it('fails as often as it is told to, by a status or by the network, and then takes the events again', async () => {
  const page = openPage()
  const { client } = start(page, options())
  await client.ready()
  server.failNext(503, { path: '/api/events', retryAfter: 7 })
  client.track('FIRST')
  await client.flush()
  expect(server.events()).toEqual([])
  expect(client.stats()).toMatchObject({ waiting: 1 })
  server.failNext('network', { times: 1 })
  await client.flush()
  expect(server.events()).toEqual([])
  await client.flush()
  expect(server.events('FIRST')).toHaveLength(1)
})

it('answers by what it is given instead of its own until it is cleared', async () => {
  server.respondWith('/api/sessions', { status: 500, body: { success: false } })
  expect((await server.fetch('https://hello.example/api/sessions', { method: 'POST' })).status).toBe(500)
  server.clear()
  expect(server.requests).toEqual([])
  expect(
    (await server.fetch('https://hello.example/api/sessions', { method: 'POST', body: '{}' })).status,
  ).toBe(200)
})

it('takes nothing any more that was under way when it was cleared', async () => {
  const late = server.fetch('https://hello.example/api/sessions', { method: 'POST', body: '{}' })
  server.clear()
  await expect(late).rejects.toThrow('Failed to fetch')
  expect(server.requests).toEqual([])
})

it('reads a request whether it is called by an address, a Request or with a blob', async () => {
  const event = (eventType: string) =>
    JSON.stringify({ consent: { choice: 'unset' }, sessionId: ID, eventType })
  const address = 'https://hello.example/api/events?x=1'
  await server.fetch(
    new Request(address, { method: 'POST', body: event('A'), headers: { 'X-Session-ID': ID } }),
  )
  await server.fetch(new URL(address), { method: 'POST', body: new Blob([event('B')]), keepalive: true })
  expect(server.events().map(({ eventType }) => eventType)).toEqual(['A', 'B'])
  expect(server.requests.map(({ isLeaving }) => isLeaving)).toEqual([false, true])
})
const ID = '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'

it('records what a client tracks at once, after the hook of the site, and whether or not it can be sent', () => {
  const recorder = createRecorder({ redact: (event) => (event.eventType === 'SECRET' ? null : event) })
  const { client } = start(openPage({ answer: () => ({ status: 503 }) }), { redact: recorder.redact })
  const payload = { quizType: 'plants' }
  client.track('QUIZ_STARTED', payload)
  client.track('SECRET')
  payload.quizType = 'changed'
  expect(recorder.events()).toHaveLength(1)
  expect(recorder.events('QUIZ_STARTED')[0]?.payload).toEqual({ quizType: 'plants' })
  recorder.clear()
  expect(recorder.events()).toEqual([])
})

it('types events by their type', () => {
  const recorder = createRecorder()
  expectTypeOf(recorder.events('QUIZ_STARTED')[0]?.eventType).toEqualTypeOf<'QUIZ_STARTED' | undefined>()
  expectTypeOf(server.events('ERROR_OCCURRED')[0]?.payload).toEqualTypeOf<ErrorPayload | undefined>()
})
