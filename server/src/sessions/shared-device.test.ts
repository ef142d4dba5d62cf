import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRecognitionStore } from '../recognition/store.ts'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser, type TestBrowser } from '../testing/test-browser.ts'

const PASSWORD = 'correct horse battery staple'
let server: StartedServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** A refresh token goes into the cookie of what shows itself as a browser. */
function openBrowser(): TestBrowser {
  const { cookies, call } = createTestBrowser(server)
  return {
    cookies,
    call: (method, path, { body, headers } = {}) =>
      call(method, path, { body, headers: { 'Sec-Fetch-Site': 'same-origin', ...headers } }),
  }
}

/** One computer: whoever sits at it brings the same device id and the same fingerprint. */
async function openComputer() {
  const browser = openBrowser()
  const { fingerprintSalt, id: siteId } = await server.sites.getDefault()
  const evidence = { deviceId: randomUUID(), fingerprint: fingerprintOf(createSignals(), fingerprintSalt) }
  return {
    browser,
    siteId,
    open: async (headers: Record<string, string> = {}) =>
      (await browser.call('POST', '/api/sessions', { body: evidence, headers })).body,
  }
}

/** Somebody with an account, whose address was verified. */
async function signUp(browser: TestBrowser, headers: Record<string, string> = {}) {
  const email = `${randomUUID()}@example.com`
  const body = { email, firstName: 'Ada', password: PASSWORD }
  const { body: answer } = await browser.call('POST', '/api/users/signup', { body, headers })
  const { db, tables } = server.storage
  await db.update(tables.users).set({ emailVerifiedAtMs: 1 }).where(eq(tables.users.email, email))
  return { email, userId: answer.user.userId as string, sessionId: answer.session.sessionId as string }
}

const logIn = async (browser: TestBrowser, email: string, headers: Record<string, string> = {}) =>
  (await browser.call('POST', '/api/auth/login', { body: { email, password: PASSWORD }, headers })).body

const edgesOf = async (userId: string) => {
  const { db, tables } = server.storage
  return db.select().from(tables.userDeviceEdges).where(eq(tables.userDeviceEdges.userId, userId))
}

const visitorOf = async (siteId: string, sessionId: string) =>
  (await server.server.rooms.sessions.findBySessionId(siteId, sessionId))?.visitorId

it('an edge is opened by sign-up and log-in, lasts as long as the log-in, and is closed by log-out', async () => {
  const { browser, open, siteId } = await openComputer()
  await open()
  const { email, userId, sessionId } = await signUp(browser)
  const [edge] = await edgesOf(userId)
  expect(edge).toMatchObject({ siteId, visitorId: await visitorOf(siteId, sessionId) })
  const lifetimeMs = (edge?.toMs ?? 0) - (edge?.fromMs ?? 0)
  expect(lifetimeMs).toBeGreaterThan(0)
  server.clock.advance(60_000)
  await browser.call('POST', '/api/auth/refresh', { body: {} })
  const [prolonged] = await edgesOf(userId)
  expect(prolonged?.toMs).toBeGreaterThanOrEqual((edge?.toMs ?? 0) + 60_000)
  await browser.call('POST', '/api/auth/logout', { body: {} })
  const [closed] = await edgesOf(userId)
  expect(closed?.toMs).toBeLessThanOrEqual(server.clock.nowMs())
  await logIn(browser, email)
  expect(await edgesOf(userId)).toHaveLength(2)
})

it('an edge is closed where somebody reuses a refresh token, and where the browser starts afresh', async () => {
  const isClosed = async (user: { userId: string }) =>
    (await edgesOf(user.userId)).every(({ toMs }) => toMs !== null && toMs <= server.clock.nowMs())

  const stolen = openBrowser()
  const victim = await signUp(stolen)
  const before = new Map(stolen.cookies)
  for (let count = 0; count < 2; count += 1) {
    await stolen.call('POST', '/api/auth/refresh', { body: {} })
    server.clock.advance(60_000)
  }
  expect(await isClosed(victim)).toBe(false)
  for (const [name, value] of before) stolen.cookies.set(name, value)
  expect((await stolen.call('POST', '/api/auth/refresh', { body: {} })).status).toBe(401)
  expect(await isClosed(victim)).toBe(true)

  const { browser, open } = await openComputer()
  await open()
  const ada = await signUp(browser)
  expect(await isClosed(ada)).toBe(false)
  await browser.call('POST', '/api/sessions', { body: { fresh: true } })
  expect(await isClosed(ada)).toBe(true)
})

it('a conversion by the site’s own auth opens an edge too', async () => {
  const { open } = await openComputer()
  const { session, visitor } = await open()
  const { key } = await server.sites.createKey('default', 'secret', ['conversions:write'])
  const { body } = await createTestBrowser(server).call('POST', '/api/conversions', {
    headers: { Authorization: `Bearer ${key}` },
    body: { sessionId: session.sessionId, userId: 'their-own-id' },
  })
  expect(await edgesOf(body.convertedUser)).toMatchObject([{ visitorId: visitor.visitorId, toMs: null }])
})

/** How many users the person with the most of them has. */
async function mostUsersOfAPerson(): Promise<number> {
  const { db, tables } = server.storage
  const visitors = await db.select().from(tables.visitors)
  const known = await createRecognitionStore(server.storage).knownAs(visitors.map(({ id }) => id))
  const pairs = visitors.flatMap(({ id, userId }) => (userId === null ? [] : [[known.get(id) ?? id, userId]]))
  const persons = Map.groupBy(new Set(pairs.map((pair) => pair.join())), (pair) => pair.split(',')[0])
  return Math.max(...[...persons.values()].map((users) => users.length))
}

it('people who take turns at one computer are never linked to each other, nor greeted by the other’s name', async () => {
  const { browser, open } = await openComputer()
  const people: Awaited<ReturnType<typeof signUp>>[] = []
  for (const index of [0, 1, 2]) {
    await open()
    people[index] = await signUp(browser)
    await browser.call('POST', '/api/auth/logout', { body: {} })
  }
  const isThere = async ({ userId }: { userId: string }) =>
    (await edgesOf(userId)).filter(({ toMs }) => toMs === null || toMs > server.clock.nowMs()).length
  for (const turn of [0, 1, 2, 1, 0, 2]) {
    // The one before has logged out, or just walked away: then the log-in is still open.
    if (turn !== 1) await browser.call('POST', '/api/auth/logout', { body: {} })
    const { session } = await open()
    if (turn !== 1) expect(session.userData).toBeNull()
    await logIn(browser, people[turn]?.email ?? '')
    expect(await Promise.all(people.map(isThere))).toEqual([0, 1, 2].map((index) => (index === turn ? 1 : 0)))
  }
  expect(await mostUsersOfAPerson()).toBe(1)
  // Something looked alike: the test would show nothing else.
  const { db, tables } = server.storage
  expect((await db.select().from(tables.visitorLinks)).length).toBeGreaterThan(0)
})
