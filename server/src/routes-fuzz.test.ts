import { REFUSALS, type RefusalCode } from '@helloagain/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { propertyRuns } from '../../tools/property-runs.ts'
import type { Route } from './platform/http/route.ts'
import { onEveryEngine } from './platform/storage/on-every-engine.ts'
import { SECRET_KEY_SCOPES } from './sites/ports.ts'
import { type StartedServer, startServer } from './testing/start-server.ts'
import { type Called, createTestBrowser, type TestBrowser } from './testing/test-browser.ts'

/** What a route takes, as far as its contract tells: its ingest lane has no schema. */
const ENVELOPE = ['siteKey', 'sessionId', 'sentAt', 'consent', 'events', 'eventType', 'payload', 'timestamp']

function fieldsOf({ body, query }: Route['contract']): { body: string[]; query: string[] } {
  const names = (schema: z.ZodType | undefined) =>
    schema
      ? Object.keys(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }).properties ?? {})
      : []
  return { body: body ? names(body) : ENVELOPE, query: names(query) }
}

const anyJson = fc.jsonValue({ noUnicodeString: false })
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\u0000', '__proto__', 'constructor', '..', '%', '{}', '-1', '1e999', '9'.repeat(400)),
)
const objectOf = (names: readonly string[]) =>
  fc.dictionary(
    names.length > 0 ? fc.oneof(fc.constantFrom(...names), fc.string()) : fc.string(),
    fc.oneof(anyJson, anyText, fc.constant('PAGE_VIEW'), fc.array(fc.dictionary(fc.string(), anyJson))),
  )
const headerText = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
  fc.stringMatching(/^Bearer [\w.-]{0,80}$/),
  fc.constantFrom('1', 'null', 'pk_', 'sk_', 'http://127.0.0.1', '0'.repeat(32)),
)
const HEADERS = [
  ...[
    'X-Session-ID',
    'X-Site-Key',
    'X-Device-Fingerprint',
    'X-Request-ID',
    'Authorization',
    'DPoP',
    'Cookie',
  ],
  ...['Origin', 'Sec-Fetch-Site', 'Sec-GPC', 'Content-Type', 'Accept', 'User-Agent', 'Accept-Language'],
]

onEveryEngine('whatever is sent to any route', (storage) => {
  let server: StartedServer
  let browser: TestBrowser
  let known: { sessionId: string; visitorId: string; key: string; token: string }
  beforeAll(async () => {
    server = await startServer({ storage: storage() })
    browser = createTestBrowser(server)
    const opened = await browser.call('POST', '/api/sessions', { body: {} })
    const greeted = await browser.call('POST', '/api/auth/anonymous', { body: { device_id: 'mine' } })
    known = {
      sessionId: opened.body.session.sessionId,
      visitorId: opened.body.visitor.visitorId,
      key: (await server.sites.createKey('default', 'secret', [...SECRET_KEY_SCOPES])).key,
      token: greeted.body.access_token,
    }
  })
  afterAll(() => server.close())

  /** A well-meant request with a few parts gone wrong. */
  function requestTo({ contract }: Route) {
    const fields = fieldsOf(contract)
    const parts = contract.path.split('/').filter((part) => part.startsWith(':'))
    return fc.record({
      values: fc.array(
        fc.oneof(
          anyText,
          fc.nat(2).map((pick) => [known.sessionId, known.visitorId, 'quiz'][pick] ?? ''),
        ),
        { minLength: parts.length, maxLength: parts.length },
      ),
      query: fc.dictionary(
        fields.query.length > 0 ? fc.oneof(fc.constantFrom(...fields.query), fc.string()) : fc.string(),
        anyText,
        { maxKeys: 3 },
      ),
      body: fc.oneof(objectOf(fields.body), anyJson),
      headers: fc.dictionary(fc.constantFrom(...HEADERS), headerText, { maxKeys: 2 }),
      speaker: fc.constantFrom('browser', 'key', 'nobody', 'token'),
    })
  }

  function speak(speaker: string): Record<string, string> {
    if (speaker === 'key') return { Authorization: `Bearer ${known.key}` }
    return speaker === 'token' ? { Authorization: `Bearer ${known.token}` } : {}
  }

  const encode = (text: string) => encodeURIComponent(text.toWellFormed())

  async function send({ contract }: Route, asked: Asked): Promise<Called> {
    const values = [...asked.values]
    const path = contract.path.replace(/:\w+/g, () => encode(values.shift() ?? ''))
    const query = Object.entries(asked.query).map(([name, value]) => `${encode(name)}=${encode(value)}`)
    const from = asked.speaker === 'browser' ? browser : createTestBrowser(server)
    return from.call(contract.method.toUpperCase(), `${path}?${query.join('&')}`, {
      headers: { ...speak(asked.speaker), ...asked.headers },
      ...(!['get', 'delete'].includes(contract.method) && { body: JSON.stringify(asked.body) }),
    })
  }
  type Asked = typeof requestTo extends (route: Route) => fc.Arbitrary<infer T> ? T : never

  it('is taken, or refused with a documented code in the envelope', async () => {
    const { routes } = server.server
    const request = fc
      .nat(routes.length - 1)
      .map((index) => routes[index] as Route)
      .chain((route) => requestTo(route).map((asked) => ({ route, asked })))
    await fc.assert(
      fc.asyncProperty(request, async ({ route, asked }) => {
        const { status, body } = await send(route, asked)
        if (status < 400) return
        expect(status).toBeLessThan(500)
        expect(body).toMatchObject({ success: false, requestId: expect.stringMatching(/^[\w.-]{1,64}$/) })
        const { status: documented, message } = REFUSALS[body.error.code as RefusalCode]
        expect([status, body.error.message]).toEqual([documented, message])
      }),
      { numRuns: propertyRuns(400) },
    )
  })
})
