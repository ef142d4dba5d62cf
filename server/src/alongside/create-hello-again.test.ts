import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import express, { type Express } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { createLog } from '../platform/log.ts'
import { createHelloAgain } from './create-hello-again.ts'
import type { HelloAgainOptions } from './options.ts'
import type { HostUser } from './ports.ts'
import { usersTable } from './users-table.ts'

const SECRET = 'a secret that is long enough for tests'
const undo: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function open(options: Partial<HelloAgainOptions<HostUser>> = {}) {
  const database = new Database(':memory:')
  database.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, browser_fingerprint TEXT, preferences TEXT)')
  database.exec('INSERT INTO users (id) VALUES (1), (2)')
  const users = usersTable((sql, values) => database.prepare(sql).all(...values))
  const log = createLog('silent')
  const helloAgain = await createHelloAgain({ secret: SECRET, database: ':memory:', users, log, ...options })
  undo.push(() => database.close(), helloAgain.close)
  return { helloAgain, database, users }
}

async function serve(app: Express): Promise<string> {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undo.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const json = (body: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

describe('createHelloAgain', () => {
  it('refuses a short secret and a room it does not have', async () => {
    await expect(open({ secret: 'short' })).rejects.toThrow('at least 32 characters')
    // @ts-expect-error: what a JavaScript caller may pass.
    await expect(open({ rooms: ['accounts'] })).rejects.toThrow('none of sessions')
  })
})

describe('middleware', () => {
  it('tells fingerprint, source and session, and writes nothing into the answer', async () => {
    const { helloAgain } = await open()
    const app = express().disable('x-powered-by')
    app.use(helloAgain.middleware())
    app.get('/me', (request, response) => void response.json(request.helloAgain))
    const url = await serve(app)
    const sent = await fetch(`${url}/me`, { headers: { 'X-Device-Fingerprint': 'a'.repeat(32) } })
    expect(await sent.json()).toMatchObject({
      fingerprint: 'a'.repeat(32),
      fingerprintSource: 'client_header',
      session: null,
    })
    expect(sent.headers.get('x-device-fingerprint')).toBeNull()
    const bare = await fetch(`${url}/me`)
    expect(await bare.json()).toMatchObject({ fingerprintSource: 'server_generated' })
    const optedOut = await fetch(`${url}/me`, { headers: { 'Sec-GPC': '1' } })
    expect(await optedOut.json()).toMatchObject({ fingerprint: null, hasOptOutSignal: true })
    const loggedIn = await fetch(`${url}/me`, { headers: { Authorization: 'Bearer a.token.of.theirs' } })
    expect([loggedIn.status, await loggedIn.json()]).toMatchObject([200, { fingerprint: null }])
  })

  it('says whether the request proves its session', async () => {
    const { helloAgain } = await open()
    const app = express()
    app.use(helloAgain.middleware(), helloAgain.router)
    app.get('/me', (request, response) => void response.json(request.helloAgain))
    const url = await serve(app)
    const opened = await fetch(`${url}/api/sessions`, json({ metadata: {} }))
    const { session } = (await opened.json()) as { session: { sessionId: string } }
    const cookie = opened.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
    const own = await fetch(`${url}/me`, { headers: { Cookie: cookie, 'X-Session-ID': session.sessionId } })
    expect(await own.json()).toMatchObject({ session: { sessionId: session.sessionId, isProven: true } })
    const thief = await fetch(`${url}/me`, { headers: { 'X-Session-ID': session.sessionId } })
    expect(await thief.json()).toMatchObject({ session: { isProven: false } })
  })

  it('never stands in the application’s way: malformed headers, a closed database', async () => {
    const { helloAgain } = await open()
    const app = express()
    app.use(helloAgain.middleware())
    app.get('/me', (request, response) => void response.json(request.helloAgain))
    const url = await serve(app)
    const malformed = await fetch(`${url}/me`, {
      headers: { 'X-Session-ID': 'nonsense', 'X-Site-Key': 'pk_?' },
    })
    expect([malformed.status, await malformed.json()]).toMatchObject([200, { session: null }])
    await helloAgain.close()
    undo.pop()
    const down = await fetch(`${url}/me`, { headers: { 'X-Session-ID': crypto.randomUUID() } })
    expect(down.status).toBe(200)
  })
})

describe('router', () => {
  it('serves the rooms asked for and lets every other path through untouched', async () => {
    const { helloAgain } = await open({ rooms: ['events'] })
    const app = express().disable('x-powered-by')
    app.use(helloAgain.router)
    app.use((request, response) => void response.status(418).json({ theirs: request.path }))
    const url = await serve(app)
    const others = ['/', '/api/sessions', '/api/auth/anonymous', '/api/ums/analytics/1', '/api/users/signup']
    for (const path of others) {
      const response = await fetch(url + path, json({}))
      expect([response.status, await response.json()]).toEqual([418, { theirs: path }])
      const names = [...response.headers.keys()].filter(
        (name) => !/^(?:connection|content-|date|etag|keep-)/.test(name),
      )
      expect(names).toEqual([])
    }
    const event = { eventType: 'PAGE_VIEW', payload: {} }
    const sent = await fetch(`${url}/api/events`, json(event, { 'X-Session-ID': crypto.randomUUID() }))
    expect(sent.status).toBe(202)
  })

  it('leaves the application’s errors to the application', async () => {
    const { helloAgain } = await open()
    const app = express()
    app.use(() => {
      throw new Error('theirs')
    })
    app.use(helloAgain.router)
    // biome-ignore lint/complexity/useMaxParams: Express knows an error handler by its four parameters.
    const answer: express.ErrorRequestHandler = (error, _request, theirs, _next) =>
      void theirs.status(599).send((error as Error).message)
    app.use(answer)
    const url = await serve(app)
    const response = await fetch(`${url}/api/sessions`, json({}))
    expect([response.status, await response.text()]).toEqual([599, 'theirs'])
  })

  it('answers a page of an allowed origin and refuses another’s', async () => {
    const { helloAgain } = await open({ allowedOrigins: ['https://shop.example'] })
    const url = await serve(express().use(express.json(), helloAgain.router))
    const from = (Origin: string) => fetch(`${url}/api/sessions`, json({}, { Origin }))
    const ours = await from('https://shop.example')
    expect([ours.status, ours.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://shop.example',
    ])
    const foreign = await from('https://evil.example')
    expect([foreign.status, await foreign.json()]).toMatchObject([
      403,
      { error: { code: 'request.origin_forbidden' } },
    ])
  })

  it('takes a body whether or not the application has parsed it', async () => {
    const { helloAgain } = await open()
    for (const parsers of [
      [],
      [express.json()],
      [express.text({ type: '*/*' })],
      [express.raw({ type: '*/*' })],
    ]) {
      const url = await serve(express().use(...parsers, helloAgain.router))
      const opened = await fetch(`${url}/api/sessions`, json({ metadata: { page: '/' } }))
      expect(opened.status).toBe(200)
      const broken = await fetch(`${url}/api/sessions`, json({ metadata: 7 }))
      expect([broken.status, await broken.json()]).toMatchObject([
        400,
        { error: { code: 'request.invalid' } },
      ])
    }
  })
})

describe('services', () => {
  it('take no journey of another installation, and link a browser session to a user of the application', async () => {
    const { helloAgain, users } = await open()
    const user = (await users.findById('1')) as HostUser
    const sessionId = crypto.randomUUID()
    await helloAgain.services.sessions.logEvent(sessionId, 'QUIZ_COMPLETED', { quizType: 'size' })
    await helloAgain.services.sessions.linkSessionToUser(sessionId, '1')
    expect(await helloAgain.services.journey.getUserAnalytics(user)).toMatchObject({
      user_id: '1',
      user_type: 'registered',
      engagement_indicators: { has_completed_quiz: true },
    })
    const another = await createHelloAgain<HostUser>({
      ...{ secret: SECRET, database: ':memory:', users },
      log: createLog('silent'),
    })
    undo.push(another.close)
    // Another database is another site, and signatures hold for one site only.
    expect(await another.services.journey.getUserAnalytics(user)).toMatchObject({ user_type: 'anonymous' })
  })

  it('count visits by pauses of half an hour, and call the next one a return', async () => {
    let nowMs = Date.parse('2026-03-01T12:00:00.000Z')
    const { helloAgain, users } = await open({ nowMs: () => nowMs })
    const { journey } = helloAgain.services
    const user = (await users.findById('1')) as HostUser
    const request = { headers: {}, body: { device_id: 'mine' } }
    const first = await journey.greet(user, request, { isNew: true })
    expect(first).toMatchObject({ is_returning: false, ums_data: { user_type: 'anonymous' } })
    nowMs += 60_000
    const samePage = await journey.greet(user, request, { isNew: false })
    expect(samePage).toMatchObject({ is_returning: true, ums_data: { user_type: 'anonymous' } })
    for (let day = 1; day <= 40; day += 13) {
      nowMs += 13 * 86_400_000
      await journey.greet(user, request, { isNew: false })
    }
    nowMs += 40 * 86_400_000
    const muchLater = await journey.greet(user, request, { isNew: false })
    expect(muchLater.ums_data).toMatchObject({ user_type: 'returning', journey_stage: 'engaged' })
    expect(await journey.getUserAnalytics(user)).toMatchObject({ total_sessions: 6 })
  })

  it('forget a user: nothing of theirs is left in our tables, nor of ours in their preferences', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'alongside-'))
    undo.push(() => rm(dataFolder, { recursive: true }))
    const file = join(dataFolder, 'helloagain.sqlite')
    const { helloAgain, users, database } = await open({ database: `file:${file}` })
    const [ada, bob] = [(await users.findById('1')) as HostUser, (await users.findById('2')) as HostUser]
    for (const user of [ada, bob]) {
      await helloAgain.services.journey.greet(user, { headers: {} }, { isNew: true })
      await helloAgain.services.journey.trackUserActivity(user, 'CHAT_START', { topic: `of ${user.id}` })
    }
    const sessionId = crypto.randomUUID()
    await helloAgain.services.sessions.logEvent(sessionId, 'PAGE_VIEW')
    await helloAgain.services.sessions.linkSessionToUser(sessionId, '1')
    database.exec(`UPDATE users SET preferences = json_set(preferences, '$.theme', 'dark')`)
    await helloAgain.services.forgetUser(ada)
    expect(await users.readPreferences('1')).toMatchObject({ value: { theme: 'dark' } })
    expect((await users.readPreferences('1'))?.value).not.toHaveProperty('ums_journey')
    const ours = new Database(file, { readonly: true })
    undo.push(() => ours.close())
    expect(ours.prepare('SELECT session_id FROM user_sessions').all()).toHaveLength(1)
    expect(ours.prepare('SELECT payload FROM event_logs').pluck().all().join()).not.toContain('of 1')
    expect(await helloAgain.services.journey.getUserAnalytics(bob)).toMatchObject({
      engagement_indicators: { has_conversations: true },
    })
    expect(await helloAgain.services.journey.getUserAnalytics(ada)).toMatchObject({
      engagement_indicators: { has_conversations: false, event_count: 0 },
    })
  })

  it('greet as new, without throwing, when nothing works', async () => {
    const { helloAgain, users, database } = await open()
    const user = (await users.findById('1')) as HostUser
    database.exec('DROP TABLE users')
    const request = { headers: {}, body: { device_id: 'mine' } }
    expect(await helloAgain.services.journey.greet(user, request, { isNew: true })).toMatchObject({
      is_returning: false,
      recognition_method: 'new_user',
    })
  })
})
