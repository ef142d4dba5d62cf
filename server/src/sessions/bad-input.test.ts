import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const RUNS = { numRuns: propertyRuns(120) }
const anything = fc.jsonValue({ noUnicodeString: false })
const perhaps = (key: string) => fc.record({ [key]: anything })
const sessionBody = fc.oneof(
  anything,
  ...['metadata', 'fingerprint', 'deviceId', 'deviceKey', 'consent', 'fresh'].map(perhaps),
  fc.record({
    metadata: fc.dictionary(fc.constantFrom('userAgent', 'page', 'referrer', 'utm', 'screen'), anything),
  }),
)

onEveryEngine('whatever is sent', (storage) => {
  let server: StartedServer
  beforeAll(async () => {
    server = await startServer({ storage: storage() })
  })
  afterAll(() => server.close())

  /** Taken, or refused with a documented code; never a fault of ours. */
  async function isJudged(call: string, body: unknown, browser = createTestBrowser(server)) {
    const [method = '', path = ''] = call.split(' ')
    const answer = await browser.call(method, path, { body: JSON.stringify(body) ?? 'null' })
    if (answer.status === 200) return answer.body.success === true
    return answer.status >= 400 && answer.status < 500 && typeof answer.body.error.code === 'string'
  }

  it('POST /api/sessions takes it or says why not', async () => {
    await fc.assert(
      fc.asyncProperty(sessionBody, (body) => isJudged('POST /api/sessions', body)),
      RUNS,
    )
  })

  it('profile, progress, consent and conversions take it or say why not', async () => {
    const browser = createTestBrowser(server)
    const { body: opened } = await browser.call('POST', '/api/sessions', { body: {} })
    const path = `/api/sessions/${opened.session.sessionId}`
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anything, perhaps('state'), fc.dictionary(fc.string(), anything)),
        async (body) => {
          const judged = [
            await isJudged(`PATCH ${path}/profile`, body, browser),
            await isJudged(`PUT ${path}/progress/quiz`, body, browser),
            await isJudged('PUT /api/privacy/consent', body),
            await isJudged('POST /api/conversions', body),
          ]
          return judged.every(Boolean)
        },
      ),
      RUNS,
    )
  })

  it('ids and names in paths are judged, not believed', async () => {
    const browser = createTestBrowser(server)
    const wrong = ['%00', '..%2f..%2fetc', 'x'.repeat(300), '%F0%9F%92%A9', `${randomUUID()}'--`, '__proto__']
    for (const part of wrong) {
      for (const path of [
        `/api/sessions/${part}/user`,
        `/api/sessions/${randomUUID()}/progress/${part}`,
        `/api/visitors/${part}`,
      ]) {
        const { status } = await browser.call('GET', path)
        expect([path, status >= 400 && status < 500]).toEqual([path, true])
      }
    }
  })
})
