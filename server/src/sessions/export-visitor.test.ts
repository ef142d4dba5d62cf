import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDeviceKey, withDeviceKey } from '../testing/device-key.ts'
import { readRecognitionRows } from '../testing/recognition-rows.ts'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const OPEN = ['POST', '/api/sessions'] as const
const EXPORT = ['GET', '/api/privacy/export'] as const

let server: StartedServer
beforeAll(async () => {
  // A handful of visitors is too few for the certainty that links: here a fair guess does.
  server = await startServer({ config: { RECOGNITION_LINK_CONFIDENCE: 50 } })
})
afterAll(() => server.close())

async function createPerson() {
  const browser = withDeviceKey(server.url, createTestBrowser(server), await createDeviceKey())
  const { fingerprintSalt } = await server.sites.getDefault()
  const fingerprint = fingerprintOf(createSignals(), fingerprintSalt)
  const consent = { choice: 'granted', byPerson: true, wording: 'v7' }
  const { body } = await browser.call(...OPEN, { body: { consent } })
  await browser.prove(...OPEN, {
    body: { fingerprint, deviceId: randomUUID(), deviceKey: browser.key.publicJwk, consent },
  })
  const sessionId: string = body.session.sessionId
  const path = `/api/sessions/${sessionId}`
  await browser.call('PATCH', `${path}/profile`, { body: { firstName: 'Hypatia' } })
  await browser.call('PUT', `${path}/progress/quiz`, { body: { state: { answer: 42 } } })
  await browser.call('POST', '/api/events', {
    headers: { 'X-Session-ID': sessionId },
    body: { eventType: 'CONTENT_CLICK', payload: { page: '/cones' } },
  })
  return { browser, fingerprint, sessionId, visitorId: body.visitor.visitorId as string }
}

it('200 tells all that is held of the person, by cookie alone, and that tokens exist, not what they are', async () => {
  const { browser, fingerprint, sessionId, visitorId } = await createPerson()
  const { status, body } = await browser.call(...EXPORT)
  expect(status).toBe(200)
  const { recognition, ...held } = body.held
  expect(held).toMatchObject({
    sessions: [{ sessionId, mode: 'recognition', hasCookie: true, deviceKeyId: browser.key.keyId }],
    visits: [{ startedAt: expect.any(String) }],
    profile: [{ field: 'firstName', value: 'Hypatia' }],
    progress: [{ name: 'quiz', state: { answer: 42 } }],
    consent: [{ choice: 'granted', byPerson: true, wording: 'v7' }],
    journey: { user_type: 'anonymous' },
    events: [{ sessionId, events: [{ eventType: 'CONTENT_CLICK' }], more: null }],
  })
  expect(recognition).toMatchObject({
    visitor: { visitorId, visits: 1, userId: null },
    profile: { browserFamily: 'chrome', osFamily: 'windows', observations: 1 },
    fingerprints: [{ source: 'client_header' }],
    deviceIds: [{ firstSeenAt: expect.any(String) }],
    userEdges: [],
    links: [],
  })
  expect(recognition.deviceKeys).toEqual([{ keyId: browser.key.keyId, createdAt: expect.any(String) }])
  expect(recognition.profile.values).toContainEqual({
    ...{ signal: 'canvas', remembered: 1 },
    ...{ firstSeenAt: expect.any(String), lastSeenAt: expect.any(String) },
  })
  const site = await server.sites.getDefault()
  const { observed } = await server.server.rooms.observe(site, fingerprint)
  const tokens = [fingerprint.hash, ...Object.values(observed?.tokens ?? {})]
  expect(tokens.filter((token) => JSON.stringify(body).includes(token))).toEqual([])
  expect(JSON.stringify(body)).not.toMatch(/cookieHash|publicJwk/)
})

it('200 tells a user where and when they were logged in', async () => {
  const { browser } = await createPerson()
  const request = { email: `${randomUUID()}@example.com`, password: 'correct horse battery staple' }
  const { body } = await browser.call('POST', '/api/users/signup', { body: request })
  const exported = await browser.call(...EXPORT)
  expect(exported.body.held.recognition.userEdges).toMatchObject([{ userId: body.user.userId }])
})

it('200 follows proof alone: whoever is linked to somebody by a fingerprint learns nothing of them', async () => {
  const victim = await createPerson()
  const forger = createTestBrowser(server)
  const { body } = await forger.call(...OPEN, { body: { fingerprint: victim.fingerprint } })
  const { links } = await readRecognitionRows(server.storage)
  expect(links).toContainEqual(
    expect.objectContaining({ visitorId: body.visitor.visitorId, knownVisitorId: victim.visitorId }),
  )
  const exported = await forger.call(...EXPORT)
  expect(exported.body.held.recognition.links).toMatchObject([{ isHeldToBeAnother: true, undoneAt: null }])
  const secrets = [victim.visitorId, victim.sessionId, 'Hypatia', victim.browser.key.keyId]
  expect(secrets.filter((secret) => JSON.stringify(exported.body).includes(secret))).toEqual([])
})

it.each([EXPORT, ['DELETE', '/api/privacy/data']] as const)(
  '403 session.proof_required for %s %s without proof, whatever session is named',
  async (method, path) => {
    const { sessionId } = await createPerson()
    for (const headers of [{}, { 'X-Session-ID': sessionId }, { 'X-Session-ID': randomUUID() }]) {
      const { status, body } = await createTestBrowser(server).call(method, path, { headers })
      expect([status, body.error.code]).toEqual([403, 'session.proof_required'])
    }
  },
)

it('DELETE /api/privacy/data: 200 leaves nothing of whom cookie or key prove, and takes the cookies away', async () => {
  const { browser, sessionId, visitorId } = await createPerson()
  const { status, body } = await browser.call('DELETE', '/api/privacy/data')
  expect(status).toBe(200)
  expect(body.erased).toMatchObject({ sessions: 1, profileFields: 1, progress: 1, events: 'all' })
  expect(browser.cookies.has('ha_session')).toBe(false)
  const { db, tables } = server.storage
  const left = [
    await readRecognitionRows(server.storage),
    await db.select().from(tables.visitors),
    await db.select().from(tables.userSessions),
    await db.select().from(tables.eventLogs),
    await db.select().from(tables.journeys),
  ]
  for (const trace of [visitorId, sessionId]) expect(JSON.stringify(left)).not.toContain(trace)
})
