import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'

const ORIGIN = 'https://shop.example'

let server: StartedServer
beforeAll(async () => {
  server = await startServer()
  await server.sites.addOrigin('default', ORIGIN)
})
afterAll(() => server.close())

const post = (path: string, headers: Record<string, string>) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: '{}',
  })

const codeOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code

it("lets the site's page read why a request was refused: the answer carries its CORS headers", async () => {
  for (const headers of [{ Authorization: 'Bearer no.such.token' }, { 'X-Session-ID': 'nonsense' }]) {
    const response = await post('/api/sessions', { Origin: ORIGIN, ...headers })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN)
  }
})

it('tells a foreign page nothing but that it is foreign', async () => {
  const response = await post('/api/sessions', {
    Origin: 'https://evil.example',
    Authorization: 'Bearer x.y.z',
  })
  expect(response.status).toBe(403)
  expect(await codeOf(response)).toBe('request.origin_forbidden')
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
})

it.each(['/api/auth/refresh', '/api/auth/login', '/api/auth/logout'])(
  '%s does not stumble over a token that is over',
  async (path) => {
    const response = await post(path, { Authorization: 'Bearer no.such.token' })
    if (response.status !== 204) expect(await codeOf(response)).not.toBe('auth.token_invalid')
  },
)

it('says 401 auth.token_invalid for a bad token anywhere else', async () => {
  const response = await post('/api/sessions', { Authorization: 'Bearer no.such.token' })
  expect([response.status, await codeOf(response)]).toEqual([401, 'auth.token_invalid'])
})

it('keys.secret_in_browser: refuses a secret key that a browser sends, and says so in the log', async () => {
  const { key } = await server.sites.createKey('default', 'secret', ['sessions:read'])
  const response = await post('/api/sessions', { Origin: ORIGIN, Authorization: `Bearer ${key}` })
  expect([response.status, await codeOf(response)]).toEqual([403, 'keys.secret_in_browser'])
})

it('401 keys.unknown_site for a publishable key that no site has', async () => {
  const response = await post('/api/sessions', { 'X-Site-Key': 'pk_nobody' })
  expect([response.status, await codeOf(response)]).toEqual([401, 'keys.unknown_site'])
})
