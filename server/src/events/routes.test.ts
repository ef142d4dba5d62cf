import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cookieOf, eventOf, sendEvents } from '../testing/send-events.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

let server: StartedServer
let sessionId: string
let cookie: string
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  sessionId = randomUUID()
  const atMs = server.clock.nowMs()
  const events = [3, 2, 1, 0].map((seq) =>
    eventOf({ seq, payload: { seq }, timestamp: new Date(atMs - seq * 1000).toISOString() }),
  )
  cookie = cookieOf(await sendEvents(server.url, { events }, { 'X-Session-ID': sessionId }))
})

async function read(path: string, headers: Record<string, string> = { Cookie: cookie }) {
  const response = await fetch(`${server.url}/api/sessions/${path}`, { headers })
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape; the expectations say which.
  const body = (await response.json()) as any
  return { status: response.status, body }
}

describe('GET /api/sessions/:sessionId/events', () => {
  it('200 answers the newest first, with nothing but what the contract names', async () => {
    const { status, body } = await read(`${sessionId}/events`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, nextBefore: null })
    expect(body.events.map((event: { payload: unknown }) => event.payload)).toEqual(
      [0, 1, 2, 3].map((seq) => ({ seq })),
    )
    expect(Object.keys(body.events[0])).toEqual(['eventId', 'eventType', 'payload', 'timestamp'])
    expect(body.events[0].timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it('200 goes on where the last page ended', async () => {
    const first = (await read(`${sessionId}/events?limit=3`)).body
    expect(first.events).toHaveLength(3)
    const second = (await read(`${sessionId}/events?limit=3&before=${first.nextBefore}`)).body
    expect(second).toMatchObject({ events: [{ payload: { seq: 3 } }], nextBefore: null })
  })

  it('200 for a secret key with the scope, and for an id in upper case', async () => {
    const { key } = await server.sites.createKey('default', 'secret', ['sessions:read'])
    const answer = await read(`${sessionId.toUpperCase()}/events`, { Authorization: `Bearer ${key}` })
    expect([answer.status, answer.body.events?.length]).toEqual([200, 4])
  })

  it('403 for a key without the scope', async () => {
    const { key } = await server.sites.createKey('default', 'secret', ['events:write'])
    const { status, body } = await read(`${sessionId}/events`, { Authorization: `Bearer ${key}` })
    expect([status, body.error.code]).toEqual([403, 'keys.scope_missing'])
  })

  it('403 session.proof_required without the cookie, alike for an id never issued', async () => {
    const stolen = await read(`${sessionId}/events`, {})
    const unknown = await read(`${randomUUID()}/events`, {})
    expect([stolen.status, stolen.body.error]).toEqual([403, unknown.body.error])
    expect(stolen.body.error.code).toBe('session.proof_required')
    expect((await read(`${randomUUID()}/events`)).body.error).toEqual(stolen.body.error)
  })

  it.each([
    'limit=0',
    'limit=501',
    'limit=1.5',
    'limit=x',
    'limit=',
    'limit=1&limit=2',
    'before=x',
    'before=',
  ])('400 request.invalid for ?%s', async (query) => {
    const { status, body } = await read(`${sessionId}/events?${query}`)
    expect([status, body.error.code]).toEqual([400, 'request.invalid'])
    expect(body.error.issues[0].path).toBe(query.split('=')[0])
  })

  it('400 request.invalid for an id that is no UUID', async () => {
    expect((await read('nonsense/events')).body.error).toMatchObject({ code: 'request.invalid' })
  })
})
