import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDeviceKey, type TestDeviceKey, withDeviceKey } from '../testing/device-key.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

let server: StartedServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const OPEN = ['POST', '/api/sessions'] as const
const DAY_MS = 86_400_000

async function openBrowser(key?: TestDeviceKey) {
  return withDeviceKey(server.url, createTestBrowser(server), key ?? (await createDeviceKey()))
}

/** Somebody who opened a session, bound a key and told their name. */
async function createOwner() {
  const browser = await openBrowser()
  const { body: opened } = await browser.call(...OPEN, { body: {} })
  const { body: bound } = await browser.prove(...OPEN, { body: { deviceKey: browser.key.publicJwk } })
  const sessionId: string = opened.session.sessionId
  const path = `/api/sessions/${sessionId}`
  await browser.call('PATCH', `${path}/profile`, { body: { firstName: 'Ada' } })
  return { browser, opened, bound, sessionId, path, visitorId: opened.visitor.visitorId as string }
}

const header = (sessionId: string) => ({ 'X-Session-ID': sessionId })

it('binds the first key with the cookie and its proof, and calls a first visit one', async () => {
  const { browser, opened, bound } = await createOwner()
  expect(opened).not.toHaveProperty('deviceKeyId')
  expect(bound).toMatchObject({
    deviceKeyId: browser.key.keyId,
    session: { sessionId: opened.session.sessionId },
    visitor: { visitorId: opened.visitor.visitorId },
    recognition: { method: 'new_user', isReturning: false },
  })
})

it('heals a lost cookie by the key, also without a session id: the same visitor, a new cookie, certain', async () => {
  const { browser, sessionId, visitorId, path } = await createOwner()
  const before = browser.cookies.get('ha_session')
  browser.cookies.clear()
  const { body } = await browser.prove(...OPEN, { body: {} })
  expect(body).toMatchObject({
    restricted: false,
    session: { sessionId, userData: { firstName: 'Ada' } },
    visitor: { visitorId },
    recognition: { method: 'device_key', isReturning: true, confidence: 100, anonymitySet: 1 },
  })
  expect(browser.cookies.get('ha_session')).not.toBe(before)
  const user = await browser.call('GET', `${path}/user`)
  expect(user.body.session.userData).toEqual({ firstName: 'Ada' })
})

it('heals a lost key by the cookie: the new one takes the place of the old, which proves nothing any more', async () => {
  const { browser, sessionId, visitorId } = await createOwner()
  const next = withDeviceKey(server.url, browser, await createDeviceKey())
  await next.call(...OPEN, { body: {} })
  const { body } = await next.prove(...OPEN, { body: { deviceKey: next.key.publicJwk } })
  expect(body).toMatchObject({ session: { sessionId }, deviceKeyId: next.key.keyId })
  browser.cookies.clear()
  const old = await browser.prove(...OPEN, { body: {} })
  expect(old.body.visitor.visitorId).not.toBe(visitorId)
  browser.cookies.clear()
  expect((await next.prove(...OPEN, { body: {} })).body.visitor.visitorId).toBe(visitorId)
})

it('takes whoever lost both for a new visitor', async () => {
  const { visitorId } = await createOwner()
  const browser = await openBrowser()
  await browser.call(...OPEN, { body: {} })
  browser.cookies.clear()
  const { body } = await browser.prove(...OPEN, { body: {} })
  expect(body.visitor.visitorId).not.toBe(visitorId)
  expect(body.recognition).toEqual({ method: 'new_user', isReturning: false })
})

it('goes on from an expired session by the key, with its visitor and its key', async () => {
  const { browser, sessionId, visitorId } = await createOwner()
  browser.cookies.clear()
  const later = await startServer({ storage: server.storage, startAtMs: Date.now() + 40 * DAY_MS })
  const again = withDeviceKey(later.url, createTestBrowser(later), browser.key)
  await again.call(...OPEN, { body: {} })
  again.cookies.clear()
  const { body } = await again.prove(...OPEN, { body: {} })
  expect(body).toMatchObject({
    previousSessionId: sessionId,
    deviceKeyId: browser.key.keyId,
    visitor: { visitorId },
    recognition: { method: 'device_key' },
  })
  await later.close()
})

it('opens what goes on from an expired session to no cookie that was planted', async () => {
  const { browser, visitorId } = await createOwner()
  const later = await startServer({ storage: server.storage, startAtMs: Date.now() + 40 * DAY_MS })
  const attacker = createTestBrowser(later)
  await attacker.call(...OPEN, { body: {} })
  const victim = withDeviceKey(later.url, createTestBrowser(later), browser.key)
  victim.cookies.set('ha_session', attacker.cookies.get('ha_session') ?? '')
  await victim.call(...OPEN, { body: {} })
  const { body } = await victim.prove(...OPEN, { body: {} })
  expect(body.visitor.visitorId).toBe(visitorId)
  const planted = await attacker.call('GET', `/api/sessions/${body.session.sessionId}/user`)
  expect(planted.body.restricted).toBe(true)
  expect((await attacker.call(...OPEN, { body: {} })).body.visitor.visitorId).not.toBe(visitorId)
  await later.close()
})

it('asks for a proof before a browser that may hold the key becomes a new visitor', async () => {
  const { browser, sessionId, visitorId } = await createOwner()
  browser.cookies.clear()
  const asked = { body: { mayProve: true }, headers: header(sessionId) }
  const refused = await browser.call(...OPEN, asked)
  expect([refused.status, refused.body.error.code]).toEqual([401, 'session.use_dpop_nonce'])
  expect(refused.headers['dpop-nonce']).toBe(browser.nonce())
  expect(refused.headers['www-authenticate']).toBe('DPoP error="use_dpop_nonce", algs="ES256"')
  const { body } = await browser.prove(...OPEN, asked)
  expect(body.visitor.visitorId).toBe(visitorId)
})

it('asks nobody who has the cookie, or names a session without a key, for a proof', async () => {
  const { browser, sessionId } = await createOwner()
  const known = await browser.call(...OPEN, { body: { mayProve: true }, headers: header(sessionId) })
  expect(known.body.recognition.method).toBe('cookie')
  const keyless = createTestBrowser(server)
  const { body } = await keyless.call(...OPEN, { body: {} })
  keyless.cookies.clear()
  for (const id of [body.session.sessionId, randomUUID()]) {
    const { status } = await keyless.call(...OPEN, { body: { mayProve: true }, headers: header(id) })
    expect(status).toBe(200)
  }
})

it('opens what needs proof to the key alone, and refuses it without', async () => {
  const { browser, path } = await createOwner()
  browser.cookies.clear()
  const refused = await browser.call('PATCH', `${path}/profile`, { body: { firstName: 'Eve' } })
  expect([refused.status, refused.body.error.code]).toEqual([403, 'session.proof_required'])
  const taken = await browser.prove('PATCH', `${path}/profile`, { body: { firstName: 'Ada L.' } })
  expect(taken.body.userData.firstName).toBe('Ada L.')
  const user = await browser.prove('GET', `${path}/user`)
  expect(user.body).toMatchObject({ restricted: false, session: { userData: { firstName: 'Ada L.' } } })
})

it('counts events that the key proves, and those that nothing proves for nobody', async () => {
  const { browser, sessionId, visitorId } = await createOwner()
  browser.cookies.clear()
  const event = (n: number) => ({
    body: { eventType: 'SIGNUP_COMPLETED', payload: { n } },
    headers: header(sessionId),
  })
  const count = async () =>
    (await server.server.rooms.events.activityCounts([visitorId])).get('SIGNUP_COMPLETED')?.count ?? 0
  await browser.call('POST', '/api/events', event(1))
  expect(await count()).toBe(0)
  await browser.prove('POST', '/api/events', event(2))
  expect(await count()).toBe(1)
})

it('gives a browser that holds a cookie and the key of another visitor to the key, and merges nothing', async () => {
  const owner = await createOwner()
  const other = await createOwner()
  const both = withDeviceKey(server.url, createTestBrowser(server), owner.browser.key)
  both.cookies.set('ha_session', other.browser.cookies.get('ha_session') ?? '')
  await both.call(...OPEN, { body: {} })
  const { body } = await both.prove(...OPEN, { body: { deviceKey: owner.browser.key.publicJwk } })
  expect(body.visitor.visitorId).toBe(owner.visitorId)
  // The cookie that came along may have been planted: it opens nothing of the key's visitor.
  const planted = await other.browser.call(...OPEN, { body: {} })
  expect(planted.body.visitor.visitorId).toBe(other.visitorId)
  const links = await server.server.rooms.recognition.listLinks(
    (await server.sites.getDefault()).id,
    owner.visitorId,
  )
  expect(links).toEqual([])
})

it('leaves whoever signed in under the cookie there, when the key is of somebody who was here before', async () => {
  const before = await createOwner()
  const browser = withDeviceKey(server.url, createTestBrowser(server), before.browser.key)
  const { body: opened } = await browser.call(...OPEN, { body: {} })
  await browser.call('POST', '/api/users/signup', {
    headers: header(opened.session.sessionId),
    body: { email: `bob-${randomUUID()}@example.com`, password: 'correct horse battery staple' },
  })
  const { body } = await browser.prove(...OPEN, { body: { deviceKey: before.browser.key.publicJwk } })
  expect(body.visitor.visitorId).toBe(opened.visitor.visitorId)
  expect(JSON.stringify(body)).not.toContain('Ada')
})

it.each(['with the cookie', 'with the key'])('forgets the key at "Not you?", %s', async (how) => {
  const { browser, visitorId } = await createOwner()
  const second = { body: { fresh: true } }
  if (how === 'with the key') browser.cookies.clear()
  const { body } = await (how === 'with the key'
    ? browser.prove(...OPEN, second)
    : browser.call(...OPEN, second))
  expect(body.visitor.visitorId).not.toBe(visitorId)
  browser.cookies.clear()
  const again = await browser.prove(...OPEN, { body: {} })
  expect(again.body.visitor.visitorId).not.toBe(visitorId)
  // The browser's key, should it still be there, may be the second person's.
  const bound = await browser.prove(...OPEN, { body: { deviceKey: browser.key.publicJwk } })
  expect(bound.body).toMatchObject({ deviceKeyId: browser.key.keyId, visitor: again.body.visitor })
})

it('forgets the key when another person logs in where a session is open', async () => {
  const password = 'correct horse battery staple'
  const [ada, bob] = [`ada-${randomUUID()}@example.com`, `bob-${randomUUID()}@example.com`]
  const { browser, visitorId } = await createOwner()
  await createTestBrowser(server).call('POST', '/api/users/signup', { body: { email: bob, password } })
  await browser.call('POST', '/api/users/signup', { body: { email: ada, password } })
  await browser.call('POST', '/api/users/signup', { body: { email: `c${bob}`, password } })
  browser.cookies.clear()
  const { body } = await browser.prove(...OPEN, { body: {} })
  expect(body.visitor.visitorId).not.toBe(visitorId)
})

it.each(['log-out', 'erasure', 'a refusal'])('leaves nothing of the key after %s', async (how) => {
  const { browser, sessionId, path, visitorId } = await createOwner()
  const { rooms } = server.server
  const session = await rooms.sessions.findBySessionId((await server.sites.getDefault()).id, sessionId)
  if (!session) throw new Error('The session is there.')
  if (how === 'log-out') await rooms.sessions.endForUser(session, Date.now())
  else if (how === 'erasure') await browser.call('DELETE', path)
  else await browser.call(...OPEN, { body: { consent: { choice: 'denied', byPerson: true } } })
  const { db, tables } = server.storage
  const left = (await db.select().from(tables.deviceKeys)).filter((row) => row.visitorId === visitorId)
  expect(left).toEqual([])
  browser.cookies.clear()
  const { body } = await browser.prove(...OPEN, { body: {} })
  expect(body.visitor.visitorId).not.toBe(visitorId)
})

it('forgets a key whose visitor was not seen for thirteen months', async () => {
  const { browser, visitorId } = await createOwner()
  const later = await startServer({ storage: server.storage, startAtMs: Date.now() + 396 * DAY_MS })
  const again = withDeviceKey(later.url, createTestBrowser(later), browser.key)
  await again.call(...OPEN, { body: {} })
  again.cookies.clear()
  const { body } = await again.prove(...OPEN, { body: {} })
  expect(body.visitor.visitorId).not.toBe(visitorId)
  await later.close()
})

it('binds nothing where people are not to be recognised', async () => {
  const browser = await openBrowser()
  await browser.call(...OPEN, { body: {} })
  const consent = { choice: 'unset', optOutSignal: true }
  const { body } = await browser.prove(...OPEN, { body: { deviceKey: browser.key.publicJwk, consent } })
  expect(body).toMatchObject({ restricted: true, consent: { mode: 'cookieless' } })
  const rows = await server.storage.db.select().from(server.storage.tables.deviceKeys)
  expect(rows.map(({ keyId }) => keyId)).not.toContain(browser.key.keyId)
})
