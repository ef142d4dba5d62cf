import { assert, asyncProperty, constantFrom, jsonValue, oneof, record, string } from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { createHttpClient, type Reply } from '../testing/http-client.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

const PASSWORD = 'korrekt pferd batterie'
const ORIGIN = 'https://shop.example'
const SIGNUP = '/api/users/signup'
const LOGIN = '/api/auth/login'
const REFRESH = '/api/auth/refresh'
const LOGOUT = '/api/auth/logout'

const refused = ({ status, body }: Reply) => [status, body.error?.code]

let server: StartedServer

async function start(options: Parameters<typeof startServer>[0] = {}) {
  server = await startServer(options)
  await server.sites.addOrigin('default', ORIGIN)
}
const browser = () => createHttpClient(server.url, { Origin: ORIGIN })
const cli = () => createHttpClient(server.url, {})

describe('sign-in refusals', () => {
  beforeEach(() => start())
  afterEach(() => server.close())

  it.each([
    [
      'a short password',
      SIGNUP,
      { email: 'a@example.com', password: 'short' },
      422,
      'accounts.password_too_short',
    ],
    [
      'a novel',
      SIGNUP,
      { email: 'a@example.com', password: 'x1-'.repeat(100) },
      422,
      'accounts.password_too_long',
    ],
    [
      'a common password',
      SIGNUP,
      { email: 'a@example.com', password: '123456789012345' },
      422,
      'accounts.password_common',
    ],
    [
      'a personal one',
      SIGNUP,
      { email: 'lovelace@example.com', password: 'lovelace lovelace!' },
      422,
      'accounts.password_personal',
    ],
    ['no address', SIGNUP, { firstName: 'A' }, 400, 'request.invalid'],
    ['a name with @', SIGNUP, { email: 'a@example.com', username: 'b@example.com' }, 400, 'request.invalid'],
    ['a NUL byte in a name', SIGNUP, { email: 'a@example.com', firstName: 'a\0b' }, 400, 'request.invalid'],
    ['a number for a password', SIGNUP, { email: 'a@example.com', password: 5 }, 400, 'request.invalid'],
    ['both names', LOGIN, { email: 'a@example.com', username: 'a', password: 'x' }, 400, 'request.invalid'],
    ['neither name', LOGIN, { password: 'x' }, 400, 'request.invalid'],
    ['a NUL byte in an address', LOGIN, { email: 'a\0@example.com', password: 'x' }, 400, 'request.invalid'],
    ['a lone surrogate', LOGIN, '{"username":"\\ud800","password":"x"}', 400, 'request.invalid'],
    ['an array', LOGIN, [], 400, 'request.invalid'],
    [
      'a novel',
      LOGIN,
      { email: 'a@example.com', password: 'x'.repeat(300) },
      422,
      'accounts.password_too_long',
    ],
    [
      'a wrong password',
      LOGIN,
      { email: 'a@example.com', password: PASSWORD },
      401,
      'auth.invalid_credentials',
    ],
    ['__proto__', LOGIN, '{"__proto__":{"email":"a"},"password":"x"}', 400, 'request.invalid'],
    ['broken JSON', REFRESH, '{"refresh_token":', 400, 'request.malformed_json'],
    ['no token', REFRESH, {}, 401, 'auth.refresh_invalid'],
    ['an object for a token', REFRESH, { refresh_token: {} }, 400, 'request.invalid'],
  ])('refuses %s at %s', async (...[, path, body, status, code]) => {
    const answer = await cli().send(path, body)
    expect(refused(answer)).toEqual([status, code])
    expect(Object.keys(answer.body).sort()).toEqual(['error', 'requestId', 'success'])
  })

  it('409 accounts.username_taken', async () => {
    await browser().send(SIGNUP, { email: 'a@example.com', username: 'ada' })
    const second = await browser().send(SIGNUP, { email: 'b@example.com', username: 'Ada' })
    expect(refused(second)).toEqual([409, 'accounts.username_taken'])
  })

  it('R47 takes JSON only, refuses foreign pages, and changes nothing by GET', async () => {
    const page = browser()
    await page.send(SIGNUP, { email: 'a@example.com', password: PASSWORD })
    const foreign = { Origin: 'https://evil.example' }
    const navigation = createHttpClient(server.url, { 'Sec-Fetch-Site': 'cross-site' })
    for (const [name, value] of page.jar) navigation.jar.set(name, value)
    for (const path of [SIGNUP, LOGIN, REFRESH, LOGOUT]) {
      const body = path === SIGNUP || path === LOGIN ? { email: 'a@example.com', password: PASSWORD } : {}
      const form = await page.send(path, 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' })
      expect(refused(form)).toEqual([415, 'request.unsupported_media_type'])
      const text = await page.send(path, '{}', { 'Content-Type': 'text/plain' })
      expect(refused(text)).toEqual([415, 'request.unsupported_media_type'])
      expect(refused(await page.send(path, body, foreign))).toEqual([403, 'request.origin_forbidden'])
      expect(refused(await navigation.send(path, body))).toEqual([403, 'auth.origin_forbidden'])
      expect((await page.send(path)).status).toBe(404)
    }
    // Nothing of all that has used or ended the refresh token.
    expect((await page.send(REFRESH, {})).status).toBe(200)
  })

  it('R45 answers guessers 429 with Retry-After', async () => {
    for (let tries = 0; tries < 5; tries += 1)
      await cli().send(LOGIN, { email: 'a@example.com', password: PASSWORD })
    const slowed = await cli().send(LOGIN, { email: 'a@example.com', password: PASSWORD })
    expect(refused(slowed)).toEqual([429, 'request.rate_limited'])
    expect(Number(slowed.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1)
  })

  it('R43 limits sign-ups and log-ins by address', async () => {
    await server.close()
    await start({ limits: { signup: { points: 2, perSeconds: 3600 }, login: { points: 2, perSeconds: 60 } } })
    for (const [path, body] of [
      [SIGNUP, { email: 'a@example.com' }],
      [LOGIN, { email: 'a@example.com', password: 'x' }],
    ] as const) {
      await cli().send(path, body)
      await cli().send(path, body)
      const third = await cli().send(path, body)
      expect(refused(third)).toEqual([429, 'request.rate_limited'])
      expect(third.headers.get('RateLimit')).toContain('r=0')
    }
  })

  it('answers whatever JSON it is sent with a documented 4xx or 200, never 5xx', async () => {
    const text = oneof(
      string({ unit: 'binary' }),
      string({ unit: 'grapheme' }),
      constantFrom('\0', '\ud800', 'a@b.example', 'rt_'),
    )
    const field = oneof(text, jsonValue())
    const body = oneof(
      jsonValue(),
      record(
        { email: field, username: field, password: field, firstName: field, refresh_token: field },
        { requiredKeys: [] },
      ),
    )
    const client = cli()
    await assert(
      asyncProperty(constantFrom(SIGNUP, LOGIN, REFRESH, LOGOUT), body, async (path, value) => {
        const { status, body: answer } = await client.send(path, JSON.stringify(value) ?? 'null')
        expect(status).toBeLessThan(500)
        if (status >= 400) expect(answer.error.code).toMatch(/^[a-z]+\.[a-z_]+$/)
      }),
      { numRuns: propertyRuns(300) },
    )
  })
})
