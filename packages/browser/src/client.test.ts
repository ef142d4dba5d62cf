import { afterEach, expect, it, vi } from 'vitest'
import beacon from '../../protocol/fixtures/beacon.json'
import eventsBatch from '../../protocol/fixtures/events-batch.json'
import profilePatch from '../../protocol/fixtures/profile-patch.json'
import progressPut from '../../protocol/fixtures/progress-put.json'
import sessionOpen from '../../protocol/fixtures/session-open.json'
import sessionWithFingerprint from '../../protocol/fixtures/session-with-fingerprint.json'
import {
  closeClients,
  openPage,
  SERVER_SESSION,
  type Sent,
  STARTED_AT_MS,
  sessionAnswer,
  start,
} from './fake-page.ts'

afterEach(closeClients)

const eventsOf = (sent: Sent[]) =>
  sent
    .filter(({ path }) => path === '/api/events')
    .flatMap(({ body }) =>
      (body as { events: { eventType: string }[] }).events.map(({ eventType }) => eventType),
    )

it('opens a session exactly as the fixture session-open says', async () => {
  const page = openPage()
  await start(page).client.ready()
  expect(page.sent).toHaveLength(1)
  expect(page.sent[0]).toMatchObject({ method: 'POST', path: '/api/sessions', credentials: 'include' })
  expect(page.sent[0]?.headers).toMatchObject({
    'X-Site-Key': 'pk_test',
    'X-Session-ID': '0192f1c2-0000-7000-8000-000000000000',
  })
  expect(page.sent[0]?.body).toEqual(sessionOpen)
})

it('takes the id the server answers with, and keeps it for the next page', async () => {
  const page = openPage()
  const { client } = start(page)
  await client.ready()
  expect(client.sessionId).toBe(SERVER_SESSION)
  expect(page.local.get('helloagain_session_id')).toBe(SERVER_SESSION)
  const next = start(openPage(page)).client
  expect(next.getSessionHeaders()).toEqual({ 'X-Session-ID': SERVER_SESSION })
})

it('does not open a second session on the next page of the same tab, and still tells who came back', async () => {
  const first = openPage({
    answer: () => ({
      status: 200,
      body: sessionAnswer({ recognition: { method: 'cookie', isReturning: true, confidence: 100 } }),
    }),
  })
  await start(first).client.ready()
  const second = openPage({ local: first.local, tab: first.tab })
  const { client } = start(second)
  const seen: unknown[] = []
  client.onRecognized((recognition) => seen.push(recognition))
  await client.ready()
  expect(second.sent).toEqual([])
  expect(seen).toEqual([{ method: 'cookie', isReturning: true }])
  expect(JSON.stringify([...first.tab])).not.toContain('confidence')
})

it('posts the observed fingerprint exactly as the fixture says, and announces a late recognition', async () => {
  const page = openPage({
    answer: ({ path, body }) =>
      path === '/api/sessions' && (body as { fingerprint?: unknown }).fingerprint
        ? {
            status: 200,
            body: sessionAnswer({ recognition: { method: 'fingerprint_recognized', isReturning: true } }),
          }
        : undefined,
  })
  const report = {
    hash: '3f2a9c4d5e6f708192a3b4c5d6e7f809',
    signals: { timezone: 'Europe/London', languages: ['en-GB'], colorDepth: 24 },
    unstable: ['canvas'],
  }
  const kept = { hash: report.hash, observedAtMs: STARTED_AT_MS }
  const { client } = start(page, { fingerprint: true, consent: 'granted' }, () => ({ kept, report }))
  const recognised = new Promise((resolve) => client.onRecognized(resolve))
  await client.ready()
  for (const { work } of page.timers.splice(0)) work()
  await expect(recognised).resolves.toEqual({ method: 'fingerprint_recognized', isReturning: true })
  expect(page.sent[1]?.body).toEqual(sessionWithFingerprint)
  expect(client.fingerprint()).toBe(report.hash)
})

it('sends events exactly as the fixture events-batch says', async () => {
  const page = openPage()
  const { client } = start(page)
  client.track('QUIZ_STARTED', {
    quizType: 'personality',
    page: '/quiz?mail=ada@example.org&utm_source=mail#step-2',
  })
  client.page()
  await client.flush()
  expect(page.sent[1]).toMatchObject({ path: '/api/events', headers: { 'X-Session-ID': SERVER_SESSION } })
  expect(page.sent[1]?.body).toEqual(eventsBatch)
})

it('hands waiting events to a beacon exactly as the fixture says when the page hides', async () => {
  const page = openPage()
  const { client } = start(page)
  await client.ready()
  client.track('CONTENT_CLICK', { page: '/quiz' })
  page.document.visibilityState = 'hidden'
  page.document.dispatchEvent(new Event('visibilitychange'))
  await vi.waitFor(() => expect(page.beacons).toHaveLength(1))
  expect(JSON.parse(page.beacons[0] ?? '')).toEqual(beacon)
  // The browser's word for it proves nothing: it stays until the server has answered.
  expect(client.stats()).toMatchObject({ waiting: 1, delivered: 0 })
})

it('patches the profile and saves progress exactly as the fixtures say', async () => {
  const page = openPage()
  const { client } = start(page)
  await client.identify(profilePatch)
  await client.saveProgress('quiz', progressPut.state)
  const [patch, put] = page.sent.slice(1)
  expect([patch?.method, patch?.path]).toEqual(['PATCH', `/api/sessions/${SERVER_SESSION}/profile`])
  expect(patch?.body).toEqual(profilePatch)
  expect([put?.method, put?.path]).toEqual(['PUT', `/api/sessions/${SERVER_SESSION}/progress/quiz`])
  expect(put?.body).toEqual(progressPut)
})

it('stores nothing, reads nothing and sends no cookie under Global Privacy Control', async () => {
  const page = openPage({ navigator: { globalPrivacyControl: true } })
  const { client } = start(page, { fingerprint: true })
  client.track('CONTENT_CLICK')
  await client.flush()
  expect(client.consentMode).toBe('cookieless')
  expect([...page.local, ...page.tab, ...page.reads]).toEqual([])
  expect(page.sent.map(({ credentials }) => credentials)).toEqual(['omit', 'omit'])
  expect(page.sent[0]?.body).not.toHaveProperty('deviceId')
  expect(page.sent[0]?.body).not.toHaveProperty('metadata.screen')
  expect(page.sent[1]?.body).toMatchObject({ consent: { choice: 'unset', optOutSignal: true } })
})

it("lets a person's own click outrank Global Privacy Control, also on the next page", async () => {
  const page = openPage({ navigator: { globalPrivacyControl: true } })
  const { client } = start(page)
  await client.ready()
  await client.optIn({ wording: '2026-11' })
  expect(client.consentMode).toBe('recognition')
  expect(page.local.get('helloagain_session_id')).toBe(SERVER_SESSION)
  const next = openPage({ local: page.local, navigator: { globalPrivacyControl: true } })
  expect(start(next).client.consentMode).toBe('recognition')
})

it('keeps nothing but the refusal after an opt-out, and is silent on the next page', async () => {
  const page = openPage()
  const { client } = start(page)
  await client.ready()
  client.track('CONTENT_CLICK')
  await client.optOut()
  expect([...page.local.keys()]).toEqual(['helloagain_session_id_consent'])
  expect([...page.tab.keys()]).toEqual([])
  expect(client.sessionId).toBeUndefined()
  expect(client.getSessionHeaders()).toEqual({})
  client.track('CONTENT_CLICK')
  await client.flush()
  expect(eventsOf(page.sent)).toEqual([])
  expect(client.stats().dropped).toEqual({ opted_out: 2 })
  expect(page.sent.at(-1)?.body).toEqual({ consent: { choice: 'denied', byPerson: true } })
  const next = openPage({ local: page.local })
  const silent = start(next).client
  silent.track('CONTENT_CLICK')
  await silent.flush()
  expect(next.sent).toEqual([])
})

it('stays in memory where the site takes silence for cookieless', async () => {
  const page = openPage({
    answer: ({ path }) =>
      path === '/api/sessions'
        ? {
            status: 200,
            body: sessionAnswer({
              consent: { mode: 'cookieless' },
              site: { fingerprintSalt: 's', unsetMode: 'cookieless', sessionTtlSeconds: 1 },
            }),
          }
        : undefined,
  })
  const { client } = start(page)
  await client.ready()
  expect([...page.local, ...page.tab]).toEqual([])
  expect(client.consentMode).toBe('cookieless')
  expect(client.sessionId).toBe(SERVER_SESSION)
})

it('starts anew as somebody else after reset, and says so to the server', async () => {
  const page = openPage()
  const { client } = start(page)
  await client.ready()
  client.setAccessToken('secret')
  const before = JSON.parse(page.local.get('helloagain_session_id_state') ?? '{}').deviceId
  await client.reset()
  const again = page.sent.at(-1)
  expect(again?.body).toMatchObject({ fresh: true })
  expect(again?.body).not.toMatchObject({ deviceId: before })
  expect(again?.headers['X-Session-ID']).not.toBe(SERVER_SESSION)
  expect(client.getAccessToken()).toBeUndefined()
})

it('follows the session another tab was given', async () => {
  const page = openPage()
  const { client } = start(page)
  await client.ready()
  const replaced = '0192f1c2-7b3a-7c4d-8e5f-ffffffffffff'
  page.local.set('helloagain_session_id', replaced)
  page.target.dispatchEvent(Object.assign(new Event('storage'), { key: 'helloagain_session_id' }))
  expect(client.sessionId).toBe(replaced)
})

it('sends events although the session could not be opened', async () => {
  const page = openPage({ answer: ({ path }) => (path === '/api/sessions' ? { status: 503 } : undefined) })
  const { client, errors } = start(page)
  client.track('CONTENT_CLICK')
  await client.flush()
  expect(eventsOf(page.sent)).toEqual(['CONTENT_CLICK'])
  expect(errors.map(({ code, status }) => [code, status])).toEqual([['session.open_failed', 503]])
})

it('sends the fingerprint only while there is no token, and the token to named origins only', async () => {
  const local = new Map([
    ['helloagain_session_id', SERVER_SESSION],
    [
      'helloagain_session_id_state',
      JSON.stringify({ deviceId: 'd', expiresAtMs: STARTED_AT_MS + 1000, seq: 4 }),
    ],
    [
      'helloagain_session_id_fingerprint',
      JSON.stringify({ hash: '0'.repeat(32), observedAtMs: STARTED_AT_MS }),
    ],
  ])
  const { client } = start(openPage({ local }), { tokenOrigins: ['https://api.example'] })
  expect(client.getSessionHeaders()).toEqual({
    'X-Session-ID': SERVER_SESSION,
    'X-Device-Fingerprint': '0'.repeat(32),
  })
  client.setAccessToken('t')
  expect(client.getSessionHeaders()).toEqual({ 'X-Session-ID': SERVER_SESSION })
  expect(client.headerPolicy.headersFor('https://api.example/a')).toEqual({ Authorization: 'Bearer t' })
  expect(client.headerPolicy.headersFor('https://shop.example/a')).toEqual({ 'X-Session-ID': SERVER_SESSION })
})

it.each([
  [{ siteKey: 'sk_live_1' }, 'config.secret_key'],
  [{ endpoint: 'ftp://hello.example' }, 'config.invalid'],
])('refuses %o, says why and does nothing', async (options, code) => {
  const page = openPage()
  const { client, errors } = start(page, options)
  client.track('CONTENT_CLICK')
  await client.flush()
  expect(client.supported).toBe(false)
  expect(errors.map((error) => error.code)).toEqual([code])
  expect(page.sent).toEqual([])
})

it('does nothing where the browser lacks what it needs, and names it', () => {
  const page = openPage()
  Reflect.deleteProperty(page.scope, 'AbortController')
  const { client, errors } = start(page)
  expect(client.supported).toBe(false)
  expect(errors[0]?.message).toContain('AbortController')
})

it('survives a page whose storage, hooks and handlers throw', async () => {
  const page = openPage()
  const blocked = () => {
    throw new Error('SecurityError')
  }
  Object.defineProperty(page.scope, 'localStorage', { get: blocked })
  Object.defineProperty(page.scope, 'sessionStorage', { get: blocked })
  const { client } = start(page, { redact: blocked, onError: blocked, getToken: blocked })
  client.onRecognized(blocked)
  client.track('CONTENT_CLICK')
  client.track('CONTENT_CLICK', { size: 1n })
  await client.flush()
  expect(client.sessionId).toBe(SERVER_SESSION)
  expect(client.stats().dropped).toEqual({ redacted: 1, invalid: 1 })
})

it('leaves requests alone that `exclude` names', () => {
  const { client } = start(openPage(), { exclude: ['/downloads'] })
  expect(client.headerPolicy.headersFor('/downloads/1')).toBeUndefined()
  expect(client.headerPolicy.headersFor('/other')).toHaveProperty('X-Session-ID')
})
