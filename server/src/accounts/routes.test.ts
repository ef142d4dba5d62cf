import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../platform/log.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { createHttpClient, type Reply } from '../testing/http-client.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

const PASSWORD = 'korrekt pferd batterie'
const ORIGIN = 'https://shop.example'
const SIGNUP = '/api/users/signup'
const LOGIN = '/api/auth/login'
const REFRESH = '/api/auth/refresh'
const LOGOUT = '/api/auth/logout'

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
const refused = ({ status, body }: Reply) => [status, body.error?.code]

let lines: string[]
let server: StartedServer

async function start(options: Parameters<typeof startServer>[0] = {}) {
  lines = []
  server = await startServer({
    log: createLog('debug', { write: (line) => void lines.push(line) }),
    ...options,
  })
  await server.sites.addOrigin('default', ORIGIN)
}
const browser = () => createHttpClient(server.url, { Origin: ORIGIN })
const cli = () => createHttpClient(server.url, {})

describe('over HTTP', () => {
  beforeEach(() => start())
  afterEach(() => server.close())

  it('publishes its keys for every cache, with nothing of the browser that asked', async () => {
    const page = browser()
    await page.send('/api/sessions', { consent: { choice: 'granted' } })
    const sent = { 'X-Device-Fingerprint': '0123456789abcdef0123456789abcdef' }
    for (const headers of [{}, sent]) {
      const answer = await page.send('/.well-known/jwks.json', undefined, headers)
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(answer.headers.get('x-device-fingerprint')).toBeNull()
    }
  })

  it('201 of document 001: signs up by the session of the page, without a password', async () => {
    const page = browser()
    const opened = await page.send('/api/sessions', { consent: { choice: 'granted' } })
    const { sessionId } = opened.body.session
    const answer = await page.send(
      SIGNUP,
      { email: 'user@example.com', firstName: 'John', age: '25-30', city: 'New York', ctaVariant: 'A' },
      { 'X-Session-ID': sessionId },
    )
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      success: true,
      user: { email: 'user@example.com', emailVerified: false },
      session: { sessionId, userData: { email: 'user@example.com', firstName: 'John', city: 'New York' } },
      token_type: 'Bearer',
      expires_in: 600,
    })
    expect(answer.body.session.userId).toBe(answer.body.user.userId)
    expect(answer.body.session.convertedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/)
    const user = await page.send(`/api/sessions/${sessionId}/user`, undefined, { 'X-Session-ID': sessionId })
    expect(user.body.session).toMatchObject({
      userId: answer.body.user.userId,
      userData: { firstName: 'John' },
    })
  })

  it('R26 gives browsers the refresh token in an HttpOnly cookie and nowhere else', async () => {
    const answer = await browser().send(SIGNUP, { email: 'a@example.com', password: PASSWORD })
    const cookies = answer.headers.getSetCookie()
    const refresh = cookies.find((line) => line.startsWith('ha_refresh=')) ?? ''
    expect(refresh).toMatch(/^ha_refresh=rt_[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/)
    for (const line of cookies) expect(line).toContain('HttpOnly')
    expect(answer.text).not.toContain('rt_')
  })

  it('R26 on https its name keeps subdomains from planting one, and it is Secure', async () => {
    await server.close()
    await start({ config: { PUBLIC_URL: 'https://id.example' } })
    const answer = await browser().send(SIGNUP, { email: 'a@example.com', password: PASSWORD })
    const names = ['__Host-ha_refresh=rt_', '__Host-ha_known=']
    for (const name of names) {
      const line = answer.headers.getSetCookie().find((cookie) => cookie.startsWith(name))
      expect(line).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
      expect(line).not.toContain('Domain')
    }
  })

  it('gives callers that are no browser the refresh token in the body, and no refresh cookie', async () => {
    const client = cli()
    const { body, headers } = await client.send(SIGNUP, { email: 'a@example.com', password: PASSWORD })
    expect(body.refresh_token).toMatch(/^rt_/)
    expect(headers.getSetCookie().join()).not.toMatch(/ha_refresh|ha_known/)
    const { body: next } = await client.send(REFRESH, { refresh_token: body.refresh_token })
    expect(next).toMatchObject({ success: true, token_type: 'Bearer', user_id: body.user.userId })
    expect(next.refresh_token).not.toBe(body.refresh_token)
  })

  it('takes Node’s own fetch for no browser, though it sends Sec-Fetch-Mode', async () => {
    const response = await fetch(server.url + SIGNUP, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'node@example.com', password: PASSWORD }),
    })
    expect(await response.json()).toMatchObject({ refresh_token: expect.stringMatching(/^rt_/) })
  })

  it('goes round: sign-up, refresh, log-out, log-in', async () => {
    const page = browser()
    const signedUp = await page.send(SIGNUP, { email: 'a@example.com', username: 'ada', password: PASSWORD })
    const { userId } = signedUp.body.user
    const { body: refreshed } = await page.send(REFRESH, {})
    expect(refreshed).toMatchObject({ user_id: userId, session_id: signedUp.body.session.sessionId })
    expect(Object.keys(refreshed).sort()).toEqual(
      ['access_token', 'expires_in', 'session_id', 'success', 'token_type', 'user_id'].sort(),
    )
    const out = await page.send(LOGOUT, {}, bearer(refreshed.access_token))
    expect([out.status, out.text]).toEqual([204, ''])
    expect(page.jar.has('ha_refresh')).toBe(false)
    const dead = bearer(refreshed.access_token)
    expect(refused(await page.send('/api/sessions', {}, dead))).toEqual([401, 'auth.token_invalid'])
    expect(refused(await page.send(REFRESH, {}, dead))).toEqual([401, 'auth.refresh_invalid'])
    expect((await page.send(LOGOUT, {})).status).toBe(204)
    const again = await page.send(LOGIN, { username: 'ADA', password: PASSWORD })
    expect(again).toMatchObject({ status: 200, body: { user_id: userId } })
    // S3: a fresh session, so that nothing of before is shown to who comes next.
    expect(again.body.session_id).not.toBe(signedUp.body.session.sessionId)
  })

  it('S3 shows the next person on a shared device nothing after a log-out', async () => {
    const page = browser()
    const { body } = await page.send(SIGNUP, { email: 'a@example.com', password: PASSWORD, firstName: 'Ada' })
    const { sessionId } = body.session
    await page.send(LOGOUT, {}, bearer(body.access_token))
    const next = await page.send(
      '/api/sessions',
      { consent: { choice: 'granted' } },
      { 'X-Session-ID': sessionId },
    )
    expect(next.text).not.toContain('Ada')
    expect(next.body.session.sessionId).not.toBe(sessionId)
  })

  it('fixation at sign-up fails: a planted session id learns and gets nothing', async () => {
    const attacker = browser()
    const opened = await attacker.send('/api/sessions', { consent: { choice: 'granted' } })
    const planted = { 'X-Session-ID': opened.body.session.sessionId }
    const victim = await browser().send(
      SIGNUP,
      { email: 'v@example.com', password: PASSWORD, firstName: 'Vic' },
      planted,
    )
    expect(victim.body.session.sessionId).not.toBe(planted['X-Session-ID'])
    const look = await attacker.send(`/api/sessions/${planted['X-Session-ID']}/user`, undefined, planted)
    expect(look.body.session.userId).toBeNull()
    expect(look.text).not.toContain('Vic')
  })

  it('two people on one computer: the second one gets a session and a profile of their own', async () => {
    const shared = browser()
    await shared.send(SIGNUP, { email: 'bob@example.com', username: 'bob', password: PASSWORD })
    await shared.send(LOGOUT, {})
    const ada = await shared.send(SIGNUP, { email: 'ada@example.com', password: PASSWORD, firstName: 'Ada' })
    const bob = await shared.send(LOGIN, { username: 'bob', password: PASSWORD })
    expect(bob.status).toBe(200)
    expect(bob.body.session_id).not.toBe(ada.body.session.sessionId)
    const headers = { 'X-Session-ID': bob.body.session_id }
    const profile = await shared.send(`/api/sessions/${bob.body.session_id}/user`, undefined, headers)
    expect(profile.body.session.userId).toBe(bob.body.user_id)
    expect(profile.text).not.toContain('Ada')
  })

  it('R46 answers known and unknown addresses alike', async () => {
    await browser().send(SIGNUP, { email: 'known@example.com', password: PASSWORD })
    const shape = ({ status, body, headers }: Reply) => ({
      status,
      keys: [Object.keys(body), Object.keys(body.user ?? {}), Object.keys(body.session ?? {})],
      error: body.error,
      headers: [...headers.keys()].sort(),
    })
    for (const path of [SIGNUP, LOGIN]) {
      const known = await browser().send(path, { email: 'known@example.com', password: `${PASSWORD} 2` })
      const unknown = await browser().send(path, { email: 'nobody@example.com', password: `${PASSWORD} 2` })
      expect(shape(known)).toEqual(shape(unknown))
    }
  })

  it('R35 a stolen refresh token ends both its holders', async () => {
    const ada = cli()
    const { body } = await ada.send(SIGNUP, { email: 'a@example.com', password: PASSWORD })
    const next = await ada.send(REFRESH, { refresh_token: body.refresh_token })
    server.clock.advance(60_000)
    const thief = await cli().send(REFRESH, { refresh_token: body.refresh_token })
    expect(refused(thief)).toEqual([401, 'auth.refresh_invalid'])
    const ours = await ada.send(REFRESH, { refresh_token: next.body.refresh_token })
    expect(refused(ours)).toEqual([401, 'auth.refresh_invalid'])
    expect(lines.join('')).toContain('auth.refresh_reused')
  })

  it('401 auth.token_expired after ten minutes', async () => {
    const { body } = await cli().send(SIGNUP, { email: 'a@example.com', password: PASSWORD })
    server.clock.advance(600_000)
    const late = await cli().send('/api/sessions', {}, bearer(body.access_token))
    expect(refused(late)).toEqual([401, 'auth.token_expired'])
  })

  it('R41 publishes public keys that other services can cache', async () => {
    const { body, headers } = await cli().send('/.well-known/jwks.json')
    expect(headers.get('Cache-Control')).toBe('public, max-age=300')
    expect(body.keys).toHaveLength(2)
    for (const key of body.keys)
      expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
    expect(JSON.stringify(body)).not.toContain('"d"')
  })

  it('R66 leaves no address, name, password or token in the log', async () => {
    const page = browser()
    const signedUp = await page.send(SIGNUP, {
      email: 'secret@example.com',
      username: 'lovelace',
      password: PASSWORD,
    })
    const refresh = page.jar.get('ha_refresh') ?? ''
    await page.send(LOGIN, { email: 'secret@example.com', password: 'wrong, but long enough' })
    await page.send(REFRESH, {})
    await page.send(LOGOUT, {}, bearer(signedUp.body.access_token))
    await page.send(REFRESH, '{"refresh_token":"rt_broken')
    const log = lines.join('')
    expect(log).toContain('answered')
    for (const secret of [
      'secret@',
      'lovelace',
      PASSWORD,
      'wrong, but',
      refresh,
      'rt_',
      'eyJ',
      '127.0.0.1',
    ]) {
      expect(log).not.toContain(secret)
    }
  })
})

onEveryEngine('over HTTP', (storage) => {
  beforeAll(() => start({ storage: storage() }))
  afterAll(() => server.close())

  it('sign-up marks the journey registered and converted, and log-in is an activity', async () => {
    const page = browser()
    const opened = await page.send('/api/sessions', { consent: { choice: 'granted' } })
    const headers = { 'X-Session-ID': opened.body.session.sessionId }
    await page.send(SIGNUP, { email: 'j@example.com', username: 'journey', password: PASSWORD }, headers)
    await page.send(LOGIN, { username: 'journey', password: PASSWORD }, headers)
    const after = await page.send('/api/sessions', { consent: { choice: 'granted' } }, headers)
    expect(after.body.journey).toMatchObject({ user_type: 'registered', journey_stage: 'converted' })
    const events = await page.send(`/api/sessions/${headers['X-Session-ID']}/events`, undefined, headers)
    expect(events.body.events.map(({ eventType }: { eventType: string }) => eventType)).toContain('LOGIN')
  })

  it('R36 fifty tabs that refresh at once get one successor and stay signed in', async () => {
    const client = cli()
    const { body } = await client.send(SIGNUP, { email: 'r@example.com', password: PASSWORD })
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => cli().send(REFRESH, { refresh_token: body.refresh_token })),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    const successors = new Set(replies.map((reply) => reply.body.refresh_token))
    expect(successors.size).toBe(1)
    const [successor] = successors
    expect((await client.send(REFRESH, { refresh_token: successor })).status).toBe(200)
  })

  it('two people who sign up in one browser at the same instant never share a session', async () => {
    const shared = browser()
    const opened = await shared.send('/api/sessions', { consent: { choice: 'granted' } })
    const headers = { 'X-Session-ID': opened.body.session.sessionId }
    const replies = await Promise.all(
      ['ada', 'bob', 'eve'].map((firstName) =>
        shared.send(SIGNUP, { email: `${firstName}@example.com`, firstName, password: PASSWORD }, headers),
      ),
    )
    expect(new Set(replies.map(({ body }) => body.session.sessionId)).size).toBe(3)
    expect(replies.map(({ body }) => body.session.userData.firstName)).toEqual(['ada', 'bob', 'eve'])
  })
})
