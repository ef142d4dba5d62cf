import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDeviceKey, withDeviceKey } from '../testing/device-key.ts'
import { readRecognitionRows } from '../testing/recognition-rows.ts'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const OPEN = ['POST', '/api/sessions'] as const
const DAY_MS = 86_400_000

let server: StartedServer
beforeAll(async () => {
  // A handful of visitors is too few for the certainty that links: here a fair guess does.
  server = await startServer({ config: { RECOGNITION_LINK_CONFIDENCE: 50 } })
})
afterAll(() => server.close())

const openBrowser = async () => withDeviceKey(server.url, createTestBrowser(server), await createDeviceKey())

/** Somebody with a key, an account, a name and a history. */
async function createVictim() {
  const browser = await openBrowser()
  const { fingerprintSalt } = await server.sites.getDefault()
  const signals = createSignals()
  const fingerprint = fingerprintOf(signals, fingerprintSalt)
  const { body } = await browser.call(...OPEN, { body: {} })
  await browser.prove(...OPEN, { body: { fingerprint, deviceKey: browser.key.publicJwk } })
  const sessionId: string = body.session.sessionId
  const path = `/api/sessions/${sessionId}`
  await browser.call('PATCH', `${path}/profile`, { body: { firstName: 'Hypatia' } })
  return {
    browser,
    signals,
    fingerprint,
    sessionId,
    path,
    visitorId: body.visitor.visitorId as string,
  }
}

async function rowsOf(visitorId: string) {
  const { profiles, keys, fingerprints, edges } = await readRecognitionRows(server.storage)
  const own = (rows: readonly { visitorId: string }[]) => rows.filter((row) => row.visitorId === visitorId)
  return [own(profiles), own(keys), own(fingerprints), own(edges)]
}

it('S1 S2 whoever shows every signal of a keyed victim gets no log-in, no data, no id, no merge, and changes nothing of them', async () => {
  const victim = await createVictim()
  const mark = await rowsOf(victim.visitorId)
  server.clock.advance(DAY_MS)
  const forger = await openBrowser()
  const evidence = { fingerprint: victim.fingerprint }
  const { body: first } = await forger.call(...OPEN, { body: {} })
  const told = [
    (await forger.prove(...OPEN, { body: { ...evidence, deviceKey: forger.key.publicJwk } })).body,
    (await forger.call(...OPEN, { body: evidence, headers: { 'X-Session-ID': victim.sessionId } })).body,
    (await createTestBrowser(server).call(...OPEN, { body: evidence })).body,
    (
      await createTestBrowser(server).call('POST', '/api/auth/anonymous', {
        body: { raw_fingerprint_data: victim.signals },
      })
    ).body,
    (await forger.call('GET', `${victim.path}/user`)).body,
    (await forger.call('PATCH', `${victim.path}/profile`, { body: { firstName: 'Eve' } })).body,
    (await forger.call('DELETE', victim.path)).body,
    (await forger.call('POST', '/api/auth/refresh', { body: {} })).body,
  ]
  // It was taken for the victim: else this would show nothing.
  expect(told[0].recognition).toEqual({ method: 'fingerprint_recognized', isReturning: true })
  const secrets = [victim.visitorId, victim.browser.key.keyId, 'Hypatia']
  expect(secrets.filter((secret) => JSON.stringify([first, ...told]).includes(secret))).toEqual([])
  for (const answer of told) {
    expect(answer.session?.userData ?? null).toBeNull()
    if (answer.recognition_method === 'fingerprint_recognized')
      expect(answer).not.toHaveProperty('access_token')
  }

  const { links } = await readRecognitionRows(server.storage)
  const ofForger = links.filter(({ visitorId }) => visitorId === first.visitor.visitorId)
  expect(ofForger).toMatchObject([
    { knownVisitorId: victim.visitorId, undoneReason: 'Both hold a device key.' },
  ])
  expect(await rowsOf(victim.visitorId)).toEqual(mark)
  const { body } = await victim.browser.call(...OPEN, { body: {} })
  expect(body).toMatchObject({
    visitor: { visitorId: victim.visitorId },
    session: { userData: { firstName: 'Hypatia' } },
  })
})

it('S2 nor does it merge when the forger binds its key first, or waits with it', async () => {
  for (const isEarly of [true, false]) {
    const victim = await createVictim()
    const forger = await openBrowser()
    const { body } = await forger.call(...OPEN, { body: {} })
    const bind = () => forger.prove(...OPEN, { body: { deviceKey: forger.key.publicJwk } })
    const show = () => forger.call(...OPEN, { body: { fingerprint: victim.fingerprint } })
    if (isEarly) await bind()
    await show()
    if (!isEarly) await bind()
    const { graph } = server.server.rooms
    const { id: siteId } = await server.sites.getDefault()
    const { person } = await graph.describe(siteId, victim.visitorId, server.clock.nowMs())
    expect(person).toEqual({ visitorId: victim.visitorId, visitors: 1 })
    expect((await graph.describe(siteId, body.visitor.visitorId, 0)).person.visitors).toBe(1)
  }
})

it('W7 what a secret key may ask of visitors it may ask of its own site’s alone', async () => {
  const { visitorId } = await createVictim()
  await server.sites.create('foreign')
  const scopes = ['visitors:read', 'visitors:write']
  const { key } = await server.sites.createKey('foreign', 'secret', scopes)
  const reason = 'because'
  const calls = (id: string) =>
    [
      ['GET', `/api/visitors/${id}`, undefined],
      ['GET', `/api/recognition/explain?visitorId=${id}`, undefined],
      ['POST', `/api/visitors/${id}/split`, { reason }],
      ['POST', `/api/visitors/${id}/merge`, { reason, visitorId: randomUUID() }],
      ['DELETE', `/api/visitors/${id}/bot`, undefined],
    ] as const
  const ask = async (id: string, secret: string) => {
    const answers = []
    for (const [method, path, body] of calls(id)) {
      const headers = { Authorization: `Bearer ${secret}` }
      const answer = await createTestBrowser(server).call(method, path, { headers, body })
      answers.push([answer.status, answer.body.error.code])
    }
    return answers
  }
  const unknown = calls('').map(() => [404, 'visitor.not_found'])
  expect(await ask(visitorId, key)).toEqual(unknown)
  expect(await ask(randomUUID(), key)).toEqual(unknown)
  const { key: without } = await server.sites.createKey('default', 'secret', ['sessions:read'])
  expect(await ask(visitorId, without)).toEqual(calls('').map(() => [403, 'keys.scope_missing']))
})
