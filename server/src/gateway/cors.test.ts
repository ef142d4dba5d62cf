import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'

let server: StartedServer
let otherKey: string
beforeAll(async () => {
  server = await startServer()
  await server.sites.addOrigin('default', 'https://shop.example')
  otherKey = (await server.sites.create('other')).publishableKey
  await server.sites.addOrigin('other', 'https://other.example')
})
afterAll(() => server.close())

const preflight = (origin: string, headers: string) =>
  fetch(`${server.url}/api/events`, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': headers,
    },
  })

it('a preflight from any registered origin is answered with the headers it asked for, for two hours', async () => {
  const response = await preflight('https://other.example', 'x-session-id, x-somebody-elses-sdk')
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-origin')).toBe('https://other.example')
  expect(response.headers.get('access-control-allow-headers')).toBe('x-session-id, x-somebody-elses-sdk')
  expect(response.headers.get('access-control-max-age')).toBe('7200')
})

it('a preflight from an origin that no site has is refused', async () => {
  const response = await preflight('https://evil.example', 'x-session-id')
  expect(response.status).toBe(403)
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
})

it('W1 the request itself is held against its own site: the same host on another port or scheme is foreign', async () => {
  const post = async (origin: string, key?: string) => {
    const response = await fetch(`${server.url}/api/sessions`, {
      method: 'POST',
      headers: { Origin: origin, 'Content-Type': 'application/json', ...(key && { 'X-Site-Key': key }) },
      body: '{}',
    })
    return response.status
  }
  expect(await post('https://shop.example')).toBe(200)
  expect(await post('https://shop.example', otherKey)).toBe(403)
  expect(await post('https://other.example', otherKey)).toBe(200)
  expect(await post('https://shop.example:8443')).toBe(403)
  expect(await post('http://shop.example')).toBe(403)
  expect(await post('null')).toBe(403)
})

it('exposes the headers that pages need to read', async () => {
  const response = await fetch(`${server.url}/api/sessions`, {
    method: 'POST',
    headers: { Origin: 'https://shop.example', 'Content-Type': 'application/json' },
    body: '{}',
  })
  const exposed = response.headers.get('access-control-expose-headers') ?? ''
  for (const name of ['X-Device-Fingerprint', 'DPoP-Nonce', 'Retry-After', 'X-Request-ID', 'RateLimit']) {
    expect(exposed).toContain(name)
  }
  expect(response.headers.get('access-control-allow-credentials')).toBe('true')
})
