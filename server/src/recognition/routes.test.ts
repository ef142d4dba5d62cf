import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

let server: StartedServer
let visitorId: string
let key: string

beforeAll(async () => {
  server = await startServer()
  const { body } = await createTestBrowser(server).call('POST', '/api/sessions', { body: {} })
  visitorId = body.visitor.visitorId
  key = (await server.sites.createKey('default', 'secret', ['visitors:read'])).key
})
afterAll(() => server.close())

const get = (id: string, headers: Record<string, string> = { Authorization: `Bearer ${key}` }) =>
  createTestBrowser(server).call('GET', `/api/visitors/${id}`, { headers })

it('200 tells a visitor with its links', async () => {
  const { status, body } = await get(visitorId)
  expect(status).toBe(200)
  expect(body).toMatchObject({ success: true, visitor: { visitorId, visits: 1, userId: null }, links: [] })
})

it('401 auth.token_required without a key', async () => {
  const { status, body } = await get(visitorId, {})
  expect([status, body.error.code]).toEqual([401, 'auth.token_required'])
})

it('403 keys.scope_missing for a key without visitors:read', async () => {
  const { key: other } = await server.sites.createKey('default', 'secret', ['sessions:read'])
  expect((await get(visitorId, { Authorization: `Bearer ${other}` })).status).toBe(403)
})

it('404 visitor.not_found for an id never issued, for no id at all, and for another site’s', async () => {
  await server.sites.create('other')
  const { key: other } = await server.sites.createKey('other', 'secret', ['visitors:read'])
  const answers = [
    await get(randomUUID()),
    await get('nobody'),
    await get(visitorId, { Authorization: `Bearer ${other}` }),
  ]
  for (const { status, body } of answers)
    expect([status, body.error.code]).toEqual([404, 'visitor.not_found'])
})
