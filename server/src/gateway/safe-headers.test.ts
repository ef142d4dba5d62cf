import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

let server: StartedServer
afterEach(() => server.close())

const SAFE = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
}

/** Answers of both lanes, good and refused. */
async function answers() {
  const { call } = createTestBrowser(server)
  const headers = { 'X-Session-ID': randomUUID() }
  return [
    await call('POST', '/api/events', { headers, body: { eventType: 'PAGE_VIEW' } }),
    await call('POST', '/api/events', { headers, body: '{' }),
    await call('POST', '/api/sessions', { body: {} }),
    await call('GET', '/api/nothing'),
    await call('GET', '/healthz'),
  ]
}

it('W4 both lanes send the same safe headers, with every answer', async () => {
  server = await startServer()
  for (const { headers } of await answers()) {
    expect(headers).toMatchObject(SAFE)
    expect(headers).not.toHaveProperty('strict-transport-security')
    expect(headers).not.toHaveProperty('x-powered-by')
  }
})

it('tells browsers to keep to https, on both lanes, where they reach the server by https', async () => {
  server = await startServer({ config: { PUBLIC_URL: 'https://id.shop.example' } })
  for (const { headers } of await answers()) {
    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  }
})
