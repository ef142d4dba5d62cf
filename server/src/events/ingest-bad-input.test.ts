import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { countSessions, eventOf, sendEvents, storedEvents } from '../testing/send-events.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

let server: StartedServer
let sessionId: string
beforeAll(async () => {
  server = await startServer()
  await server.sites.addOrigin('default', 'https://shop.example')
})
afterAll(() => server.close())
beforeEach(() => {
  sessionId = randomUUID()
})

const post = (body: unknown, headers: Record<string, string> = {}) =>
  sendEvents(server.url, body, { 'X-Session-ID': sessionId, ...headers })
const stored = (id = sessionId) => storedEvents(server, id)

describe('bad input', () => {
  const deep = `{"eventType":"A","payload":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`
  const deepList = `{"eventType":"A","payload":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`
  const huge = `{"eventType":"A","payload":{"a":[${'0,'.repeat(500_000)}0]}}`
  const bytes = (...parts: (number[] | string)[]) =>
    Buffer.concat(parts.map((part) => Buffer.from(part as string)))

  it.each<[string, unknown, number, string, string | undefined]>([
    ['nothing', '', 400, 'request.malformed_json', undefined],
    ['half a body', '{"eventType":"A"', 400, 'request.malformed_json', undefined],
    ['two values', '{"eventType":"A"}{}', 400, 'request.malformed_json', undefined],
    [
      'invalid UTF-8',
      bytes('{"eventType":"A","payload":{"a":"', [0xc3, 0x28], '"}}'),
      400,
      'request.malformed_json',
      undefined,
    ],
    ['UTF-16', Buffer.from('{"eventType":"A"}', 'utf16le'), 400, 'request.malformed_json', undefined],
    ['null', 'null', 400, 'request.invalid', ''],
    ['a number', '1', 400, 'request.invalid', ''],
    ['a list', [{ eventType: 'A' }], 400, 'request.invalid', ''],
    ['events that are no list', { events: { 0: eventOf() } }, 400, 'request.invalid', 'events'],
    ['an empty batch', { events: [] }, 400, 'request.invalid', 'events'],
    ['501 events', { events: Array.from({ length: 501 }, () => eventOf()) }, 413, 'event.too_many', 'events'],
    ['a sentAt that is no time', { sentAt: 1, events: [eventOf()] }, 400, 'request.invalid', 'sentAt'],
    [
      'a consent of no kind',
      { consent: { choice: 'yes' }, events: [eventOf()] },
      400,
      'request.invalid',
      'consent.choice',
    ],
    ['a type in lower case', { eventType: 'page_view' }, 400, 'event.type_invalid', 'eventType'],
    ['a type that is no text', { eventType: 7 }, 400, 'event.type_invalid', 'eventType'],
    ['an id that is no UUID', { eventType: 'A', eventId: '1' }, 400, 'event.id_invalid', 'eventId'],
    ['a payload that is a list', { eventType: 'A', payload: [] }, 400, 'event.payload_invalid', 'payload'],
    [
      'a payload of 32 KiB + 1',
      { eventType: 'A', payload: { a: 'x'.repeat(32_761) } },
      413,
      'event.payload_too_large',
      'payload',
    ],
    [
      'an old time',
      { eventType: 'A', timestamp: '1999-01-01T00:00:00.000Z' },
      422,
      'event.timestamp_out_of_range',
      'timestamp',
    ],
    [
      'a time to come',
      { eventType: 'A', timestamp: '2999-01-01T00:00:00.000Z' },
      422,
      'event.timestamp_out_of_range',
      'timestamp',
    ],
    [
      'no time',
      { eventType: 'A', timestamp: '2026-02-30T00:00:00Z' },
      400,
      'event.timestamp_invalid',
      'timestamp',
    ],
    ['__proto__ in an event', '{"eventType":"A","__proto__":{"a":1}}', 400, 'request.invalid', '__proto__'],
    [
      '__proto__ in a payload',
      '{"eventType":"A","payload":{"a":{"__proto__":1}}}',
      400,
      'event.payload_invalid',
      'payload.a.__proto__',
    ],
    ['a NUL byte', '{"eventType":"A","payload":{"a":"\\u0000"}}', 400, 'event.payload_invalid', 'payload.a'],
    [
      'a NUL byte in a key',
      '{"eventType":"A","payload":{"\\u0000":1}}',
      400,
      'event.payload_invalid',
      'payload',
    ],
    ['a NUL byte in the type', '{"eventType":"A\\u0000"}', 400, 'event.type_invalid', 'eventType'],
    [
      'a lone surrogate',
      '{"eventType":"A","payload":{"a":["\\ud800"]}}',
      400,
      'event.payload_invalid',
      'payload.a.0',
    ],
    ['100,000 levels of objects', deep, 400, 'event.payload_invalid', 'payload.a.a.a.a.a.a.a.a'],
    ['100,000 levels of lists', deepList, 400, 'event.payload_invalid', 'payload.a.0.0.0.0.0.0.0'],
    ['half a million numbers', huge, 413, 'event.payload_too_large', 'payload'],
    ['1 MiB + 1', `${' '.repeat(1_048_577 - 2)}{}`, 413, 'request.too_large', undefined],
  ])('refuses %s and leaves nothing behind', async (...given) => {
    const [, body, status, code, path] = given
    const answer = await post(body)
    expect([answer.status, answer.body.error?.code]).toEqual([status, code])
    expect(answer.body).toMatchObject({ success: false, requestId: answer.headers.get('x-request-id') })
    expect(answer.body.error.issues?.[0]?.path).toBe(path)
    expect(await stored()).toEqual([])
    expect(await countSessions(server, sessionId)).toBe(0)
  })

  it('takes a body of exactly 1 MiB and one that opens with a byte order mark', async () => {
    const json = JSON.stringify(eventOf())
    expect((await post(' '.repeat(1_048_576 - json.length) + json)).status).toBe(202)
    expect((await post(`\ufeff${JSON.stringify(eventOf())}`)).status).toBe(202)
  })

  it.each<[string, Record<string, string>, number, string]>([
    [
      'a form',
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      415,
      'request.unsupported_media_type',
    ],
    ['no JSON', { 'Content-Type': 'text/html' }, 415, 'request.unsupported_media_type'],
    ['gzip', { 'Content-Encoding': 'gzip' }, 415, 'request.unsupported_media_type'],
    ['an unknown site key', { 'X-Site-Key': 'pk_nobody' }, 401, 'keys.unknown_site'],
    ['a foreign origin', { Origin: 'https://evil.example' }, 403, 'request.origin_forbidden'],
    ['the origin null', { Origin: 'null' }, 403, 'request.origin_forbidden'],
    ['a session id that is no UUID', { 'X-Session-ID': 'abc' }, 400, 'session.id_invalid'],
    ['an unknown secret key', { Authorization: 'Bearer sk_nobody' }, 401, 'keys.invalid'],
    ['no token', { Authorization: 'Bearer nonsense' }, 401, 'auth.token_invalid'],
  ])('refuses %s', async (...given) => {
    const [, headers, status, code] = given
    const answer = await post(eventOf(), headers)
    expect([answer.status, answer.body.error?.code]).toEqual([status, code])
    expect(await countSessions(server, sessionId)).toBe(0)
  })

  it('400 session.id_missing without an id, 400 session.id_invalid for one in the body that is none', async () => {
    expect((await sendEvents(server.url, eventOf())).body.error.code).toBe('session.id_missing')
    const { body } = await sendEvents(server.url, { sessionId: 'x', events: [eventOf()] })
    expect(body.error).toMatchObject({ code: 'session.id_invalid', issues: [{ path: 'sessionId' }] })
  })

  it('lets the page read why it was refused', async () => {
    const answer = await post('{', { Origin: 'https://shop.example' })
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example')
  })

  it('403 for a key without the scope, and for one that a browser sends', async () => {
    const { key } = await server.sites.createKey('default', 'secret', ['sessions:read'])
    const { body } = await post(eventOf(), { Authorization: `Bearer ${key}` })
    expect(body.error.code).toBe('keys.scope_missing')
    const { key: writing } = await server.sites.createKey('default', 'secret', ['events:write'])
    expect((await post(eventOf(), { Authorization: `Bearer ${writing}` })).status).toBe(202)
    const fromPage = { Authorization: `Bearer ${writing}`, Origin: 'https://shop.example' }
    expect((await post(eventOf(), fromPage)).body.error.code).toBe('keys.secret_in_browser')
  })

  it('403 session.consent_denied after a refusal, and stores nothing', async () => {
    const { body } = await post({ consent: { choice: 'denied' }, events: [eventOf()] })
    expect(body.error.code).toBe('session.consent_denied')
    expect(await stored()).toEqual([])
  })
})
