import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

it('an anonymous token brings a browser that lost its cookie back to its visitor', async () => {
  const server = await startServer()
  const browser = createTestBrowser(server)
  const { body: anonymous } = await browser.call('POST', '/api/auth/anonymous', {
    body: { device_id: randomUUID() },
  })
  browser.cookies.clear()
  const { body } = await browser.call('POST', '/api/sessions', {
    headers: { Authorization: `Bearer ${anonymous.access_token}` },
    body: {},
  })
  expect(body).toMatchObject({
    visitor: { visitorId: anonymous.user_id },
    recognition: { method: 'session_token', isReturning: true, confidence: 100, anonymitySet: 1 },
  })
  await server.close()
})
