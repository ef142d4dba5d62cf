import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createTestServer } from '../../../packages/browser/src/testing/testing.ts'
import {
  profileResponse,
  progressResponse,
  sessionResponse,
  sessionUserResponse,
} from '../sessions/schema.ts'
import { startServer } from './start-server.ts'

// The server in memory that the SDK ships for tests of other people's sites must not drift from this one.

const fixture = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../packages/protocol/fixtures/${name}.json`, import.meta.url), 'utf8'),
  ) as Record<string, unknown>

/** When the fixtures were written: their events are neither old nor ahead. */
const FIXTURE_AT_MS = Date.parse('2026-11-21T09:00:01.000Z')
const STRANGE_ID = '0192f1c2-7b3a-7c4d-8e5f-0123456789ab'

interface Answered {
  status: number
  body: Record<string, unknown>
}

/** One browser: it keeps its cookie and the session it was given. */
function createBrowser(send: typeof fetch, url: string, siteKey: string) {
  let cookie = ''
  const browser = {
    sessionId: STRANGE_ID,
    async call(method: string, path: string, body?: unknown): Promise<Answered> {
      const response = await send(url + path.replace(':id', browser.sessionId), {
        method,
        headers: {
          'Content-Type': 'application/json',
          'X-Site-Key': siteKey,
          'X-Session-ID': browser.sessionId,
          ...(cookie && { Cookie: cookie }),
        },
        credentials: 'include',
        body: typeof body === 'string' ? body : (JSON.stringify(body) ?? null),
      })
      cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? cookie
      const answer = (await response.json()) as Record<string, unknown>
      const { session } = answer as { session?: { sessionId: string } }
      if (path === '/api/sessions' && session) browser.sessionId = session.sessionId
      return { status: response.status, body: answer }
    },
  }
  return browser
}

/** The shape of an answer: kinds of values in place of values that differ from run to run. */
function shapeOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return key === 'progression_history' ? [] : value.map((entry) => shapeOf(entry))
  if (typeof value === 'object' && value !== null) {
    // What is known of a visit is the server's to tell: nothing in the SDK reads it.
    if (key === 'metadata') return {}
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, shapeOf(entry, name)]))
  }
  const isFree = /(?:At|_at|Id|Salt|lastSeen|Seconds|message)$/.test(key)
  return isFree && value !== null ? typeof value : value
}

const event = (index: number, changes: object = {}) => ({
  eventId: `0192f1c2-0000-7000-8000-${String(index).padStart(12, '0')}`,
  eventType: 'QUIZ_STARTED',
  ...changes,
})
const batch = (...events: unknown[]) => ({ consent: { choice: 'unset' }, events })
const deep = (levels: number): object => (levels === 0 ? {} : { deeper: deep(levels - 1) })

type Call = readonly [method: string, path: string, body?: unknown]

const CALLS: Record<string, Call> = {
  'a first visit': ['POST', '/api/sessions', fixture('session-open')],
  'its fingerprint': ['POST', '/api/sessions', fixture('session-with-fingerprint')],
  'a second visit': ['POST', '/api/sessions', fixture('session-open')],
  'a batch': ['POST', '/api/events', fixture('events-batch')],
  'the batch again': ['POST', '/api/events', fixture('events-batch')],
  'what a page sends when it is left': ['POST', '/api/events', fixture('beacon')],
  'a single event': ['POST', '/api/events', { ...event(50), consent: { choice: 'unset' } }],
  'a batch with faults': [
    'POST',
    '/api/events',
    batch(
      event(60),
      event(61, { eventType: 'quiz started' }),
      event(62, { eventId: 'x' }),
      event(63, { seq: -1 }),
      event(64, { payload: [] }),
      event(65, { payload: deep(9) }),
      event(66, { payload: { text: 'x'.repeat(33_000) } }),
      event(67, { timestamp: 'yesterday' }),
      event(68, { timestamp: '2099-01-01T00:00:00.000Z' }),
      'nothing',
      event(60),
    ),
  ],
  'a single event with a fault': ['POST', '/api/events', { eventType: 'x', consent: { choice: 'unset' } }],
  'an empty batch': ['POST', '/api/events', batch()],
  'a batch that is too large': [
    'POST',
    '/api/events',
    batch(...Array.from({ length: 501 }, (_, i) => event(i))),
  ],
  'events of who does not want that': [
    'POST',
    '/api/events',
    { ...batch(event(70)), consent: { choice: 'denied' } },
  ],
  'a list in place of a body': ['POST', '/api/events', []],
  'no JSON': ['POST', '/api/events', '{'],
  'a person nothing is known of': ['GET', '/api/sessions/:id/user'],
  'what a person told': ['PATCH', '/api/sessions/:id/profile', fixture('profile-patch')],
  'a field that is none': ['PATCH', '/api/sessions/:id/profile', { 'not a name': 1 }],
  'a person who is known': ['GET', '/api/sessions/:id/user'],
  'a state that was never saved': ['GET', '/api/sessions/:id/progress/quiz'],
  'a state that is saved': ['PUT', '/api/sessions/:id/progress/quiz', fixture('progress-put')],
  'a saved state': ['GET', '/api/sessions/:id/progress/quiz'],
  'a state that is too large': ['PUT', '/api/sessions/:id/progress/quiz', { state: 'x'.repeat(33_000) }],
  'a state without a state': ['PUT', '/api/sessions/:id/progress/quiz', {}],
  'the person of a strange session': ['GET', `/api/sessions/${STRANGE_ID.replace('0', '1')}/user`],
  'the profile of a strange session': [
    'PATCH',
    `/api/sessions/${STRANGE_ID.replace('0', '1')}/profile`,
    { city: 'x' },
  ],
  'an id that is none': ['GET', '/api/sessions/nobody/user'],
  'somebody else at the browser': ['POST', '/api/sessions', { ...fixture('session-open'), fresh: true }],
  'a person under Global Privacy Control': [
    'POST',
    '/api/sessions',
    { consent: { choice: 'unset', optOutSignal: true } },
  ],
  'a person who refuses': ['POST', '/api/sessions', { consent: { choice: 'denied', byPerson: true } }],
  'an address that leads nowhere': ['GET', '/api/nowhere'],
}

/** Without what only a failure of the real one can name: where in the body it lies, and under which id it is logged. */
function comparable({ status, body }: Answered): unknown {
  const { requestId: _, error, ...rest } = body as { requestId?: string; error?: { code: string } }
  return { status, body: error ? { ...rest, code: error.code } : shapeOf(rest) }
}

it('answers every call as the server does', async () => {
  const server = await startServer({ startAtMs: FIXTURE_AT_MS })
  const { publishableKey } = await server.sites.create('contract', { unsetMode: 'recognition' })
  const real = createBrowser(fetch, server.url, publishableKey)
  const inMemory = createBrowser(createTestServer().fetch, 'https://hello.test', publishableKey)
  for (const [what, [method, path, body]] of Object.entries(CALLS)) {
    const [expected, answered] = [
      await real.call(method, path, body),
      await inMemory.call(method, path, body),
    ]
    expect.soft(comparable(answered), what).toEqual(comparable(expected))
  }
  await server.close()
})

it('answers what the schemas of the API say', async () => {
  const browser = createBrowser(createTestServer().fetch, 'https://hello.test', 'pk_test')
  const body = async (what: string) => (await browser.call(...(CALLS[what] ?? (['GET', ''] as const)))).body
  for (const what of ['a first visit', 'its fingerprint', 'a second visit']) {
    expect(sessionResponse.strict().parse(await body(what))).toBeTruthy()
  }
  expect(profileResponse.strict().parse(await body('what a person told'))).toMatchObject({ completion: 25 })
  expect(sessionUserResponse.strict().parse(await body('a person who is known'))).toBeTruthy()
  for (const what of ['a state that was never saved', 'a state that is saved', 'a saved state']) {
    expect(progressResponse.strict().parse(await body(what))).toBeTruthy()
  }
})
