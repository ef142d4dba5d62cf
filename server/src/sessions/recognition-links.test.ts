import { eq } from 'drizzle-orm'
import { afterEach, expect, it } from 'vitest'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const DAY_MS = 86_400_000

let server: StartedServer
afterEach(() => server.close())

/** Somebody comes, loses all that was stored, and comes back three days later with these changes. */
async function comeBack(changes: Readonly<Record<string, unknown>> = {}) {
  const { fingerprintSalt } = await server.sites.getDefault()
  const signals = createSignals()
  const open = async (shown: Readonly<Record<string, unknown>>) => {
    const body = { fingerprint: fingerprintOf(shown, fingerprintSalt) }
    const { body: answer } = await createTestBrowser(server).call('POST', '/api/sessions', { body })
    return answer
  }
  const first = await open(signals)
  server.clock.advance(3 * DAY_MS)
  const second = await open({ ...signals, ...changes })
  const { db, tables } = server.storage
  const links = await db
    .select()
    .from(tables.visitorLinks)
    .where(eq(tables.visitorLinks.visitorId, second.visitor.visitorId))
  return { first, second, links }
}

it('somebody who lost the cookie is greeted, and linked from the configured probability on, with the reasons', async () => {
  server = await startServer({ config: { RECOGNITION_LINK_CONFIDENCE: 90 } })
  const { first, second, links } = await comeBack()
  expect(second.recognition).toEqual({ method: 'fingerprint_recognized', isReturning: true })
  expect(second.visitor.visitorId).not.toBe(first.visitor.visitorId)
  expect(second.session.userData).toBeNull()
  expect(links).toMatchObject([
    {
      ...{ knownVisitorId: first.visitor.visitorId, method: 'fingerprint_recognized' },
      ...{ anonymitySet: 1, undoneAtMs: null },
    },
  ])
  const [link] = links
  expect(link?.confidence).toBeGreaterThanOrEqual(90)
  expect(link?.observationConfidence).toBeGreaterThanOrEqual(60)
  expect(Object.keys(link?.evidence?.groups ?? {})).toContain('device')
})

it('somebody who lost the cookie and changed the monitor is greeted, too', async () => {
  server = await startServer()
  const { second } = await comeBack({ screen: [3840, 2160] })
  expect(second.recognition).toEqual({ method: 'fingerprint_recognized', isReturning: true })
})

it('nobody is linked below the configured probability', async () => {
  server = await startServer({ config: { RECOGNITION_LINK_CONFIDENCE: 100 } })
  const { second, links } = await comeBack()
  expect(second.recognition.isReturning).toBe(true)
  expect(links).toEqual([])
})
