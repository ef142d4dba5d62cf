import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDeviceKey, withDeviceKey } from '../testing/device-key.ts'
import { readRecognitionRows } from '../testing/recognition-rows.ts'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const DAY_MS = 86_400_000
const OPEN = ['POST', '/api/sessions'] as const
const BY_CLICK = { choice: 'granted', byPerson: true, wording: 'v1' }
const DENIED = { choice: 'denied', byPerson: true, wording: 'v1' }

let server: StartedServer
let salt: string

beforeAll(async () => {
  // A handful of visitors is too few for the certainty that links: here a fair guess does.
  server = await startServer({ config: { RECOGNITION_LINK_CONFIDENCE: 60 } })
  salt = (await server.sites.getDefault()).fingerprintSalt
})
afterAll(() => server.close())

/** What recognition keeps, with what it learned last. */
async function readRows() {
  await server.server.rooms.flush()
  return readRecognitionRows(server.storage)
}

const trace = (rows: object, ...texts: readonly string[]) =>
  texts.filter((text) => JSON.stringify(rows).includes(text))

async function createPerson(fingerprintSalt = salt) {
  const browser = withDeviceKey(server.url, createTestBrowser(server), await createDeviceKey())
  const evidence = { deviceId: randomUUID(), fingerprint: fingerprintOf(createSignals(), fingerprintSalt) }
  return { browser, evidence }
}

/** Somebody who agreed, came back, holds a key and is remembered. */
async function createKnown() {
  const { browser, evidence } = await createPerson()
  const { body } = await browser.call(...OPEN, { body: { ...evidence, consent: BY_CLICK } })
  const deviceKey = browser.key.publicJwk
  await browser.prove(...OPEN, { body: { ...evidence, deviceKey, consent: BY_CLICK } })
  const sessionId: string = body.session.sessionId
  const path = `/api/sessions/${sessionId}`
  await browser.call('PATCH', `${path}/profile`, { body: { firstName: 'Hypatia' } })
  return { browser, evidence, sessionId, path, visitorId: body.visitor.visitorId as string }
}

type Known = Awaited<ReturnType<typeof createKnown>>

/** Everything a browser may send that could be remembered. */
async function doEverything(
  { browser, evidence }: Pick<Known, 'browser' | 'evidence'>,
  more: object,
  headers: Record<string, string>,
) {
  const deviceKey = browser.key.publicJwk
  const all = { ...headers, 'X-Device-Fingerprint': evidence.fingerprint.hash }
  const answers = [
    await browser.call(...OPEN, { body: { ...evidence, ...more }, headers: all }),
    await browser.prove(...OPEN, { body: { ...evidence, deviceKey, ...more }, headers: all }),
    await browser.call('POST', '/api/auth/anonymous', {
      body: { device_id: evidence.deviceId, raw_fingerprint_data: evidence.fingerprint.signals },
      headers: all,
    }),
    await browser.call('POST', '/api/events', {
      body: { eventType: 'PAGE_VIEW', ...more },
      headers: { ...all, 'X-Session-ID': randomUUID() },
    }),
    await browser.call('POST', '/api/users/signup', {
      body: { email: `${randomUUID()}@example.com`, password: 'correct horse battery staple' },
      headers: all,
    }),
  ]
  for (const { status, body } of answers) expect(status, JSON.stringify(body)).toBeLessThan(500)
}

describe('P1 nothing that recognises is written', () => {
  const signals: [string, Record<string, string>][] = [
    ['Sec-GPC', { 'Sec-GPC': '1' }],
    ['DNT', { DNT: '1' }],
  ]
  const claims: [string, object][] = [
    ['no claim', {}],
    ['a claimed consent', { consent: { choice: 'granted' } }],
    ['a claimed consent that hides the signal', { consent: { choice: 'granted', optOutSignal: false } }],
  ]
  it.each(
    signals.flatMap(([name, headers]) => claims.map(([claim, more]) => ({ name, claim, more, headers }))),
  )('under $name, with $claim', async ({ more, headers }) => {
    const before = await readRows()
    await doEverything(await createPerson(), more, headers)
    expect(await readRows()).toEqual(before)
  })

  it('under Sec-GPC of somebody the browser still holds an identity of', async () => {
    const known = await createKnown()
    const before = await readRows()
    await doEverything(known, {}, { 'Sec-GPC': '1', 'X-Session-ID': known.sessionId })
    const after = await readRows()
    const withoutEdges = { ...after, edges: before.edges }
    expect(withoutEdges).toEqual(before)
    // Who clicked has agreed to more than a signal takes back: they signed up in the session they agreed in.
    expect(after.edges.slice(before.edges.length)).toMatchObject([{ visitorId: known.visitorId }])
  })

  it('under Sec-GPC of somebody who was remembered before the signal came, and never clicked', async () => {
    const { browser, evidence } = await createPerson()
    const { body } = await browser.call(...OPEN, { body: evidence })
    const before = await readRows()
    expect(trace(before.profiles, body.visitor.visitorId)).toHaveLength(1)
    const headers = { 'Sec-GPC': '1', 'X-Session-ID': body.session.sessionId }
    await doEverything({ browser, evidence }, {}, headers)
    expect(await readRows()).toEqual(before)
  })

  it('by mode off, and by a site that takes silence for no', async () => {
    const before = await readRows()
    const { publishableKey } = await server.sites.create(randomUUID(), { unsetMode: 'cookieless' })
    const person = await createPerson()
    await doEverything(person, {}, { 'X-Site-Key': publishableKey })
    const { browser, evidence } = await createPerson()
    await browser.call(...OPEN, { body: { ...evidence, consent: DENIED } })
    await browser.prove(...OPEN, { body: { ...evidence, deviceKey: browser.key.publicJwk, consent: DENIED } })
    expect(await readRows()).toEqual(before)
  })

  it('but a person’s own click outranks the signals', async () => {
    const { browser, evidence } = await createPerson()
    const headers = { 'Sec-GPC': '1', DNT: '1' }
    const consent = { ...BY_CLICK, optOutSignal: true }
    const { body } = await browser.call(...OPEN, { body: { ...evidence, consent }, headers })
    expect(body.consent.mode).toBe('recognition')
    await browser.prove(...OPEN, {
      body: { ...evidence, consent, deviceKey: browser.key.publicJwk },
      headers,
    })
    const { fingerprints, deviceIds, profiles, blocks, keys } = await readRows()
    for (const rows of [fingerprints, deviceIds, profiles, blocks, keys])
      expect(trace(rows, body.visitor.visitorId)).toHaveLength(1)
  })

  it('of a day’s visitors, whom nothing links to the day after', async () => {
    const before = await readRows()
    const { browser, evidence } = await createPerson()
    const headers = { 'Sec-GPC': '1', 'X-Session-ID': randomUUID() }
    for (let day = 0; day < 3; day += 1) {
      await browser.call(...OPEN, { body: evidence, headers })
      server.clock.advance(DAY_MS)
    }
    expect(await readRows()).toEqual(before)
    const { db, tables } = server.storage
    const sessions = await db
      .select()
      .from(tables.userSessions)
      .where(eq(tables.userSessions.mode, 'cookieless'))
    const ofDays = sessions.filter(({ visitorId }) => visitorId.charAt(14) === '8').slice(-3)
    expect(new Set(ofDays.map(({ visitorId }) => visitorId)).size).toBe(3)
  })
})

describe('clearing storage is respected', () => {
  it('the old visitor is a guess at most: nothing of it is told, given back or opened', async () => {
    const known = await createKnown()
    server.clock.advance(DAY_MS)
    const secret = known.browser.cookies.get('ha_session') ?? ''
    // Cookies, storage and key are gone; the machine is the same.
    const cleared = withDeviceKey(server.url, createTestBrowser(server), await createDeviceKey())
    const { fingerprint } = known.evidence
    const evidence = { deviceId: randomUUID(), fingerprint }
    const { body: first, setCookies } = await cleared.call(...OPEN, { body: {} })
    const { body } = await cleared.prove(...OPEN, {
      body: { ...evidence, deviceKey: cleared.key.publicJwk },
    })
    expect(body.recognition).toEqual({ method: 'fingerprint_recognized', isReturning: true })
    expect(body.session).toMatchObject({ sessionId: first.session.sessionId, userData: null })
    const { keyId } = known.browser.key
    expect(trace([first, body], known.visitorId, known.sessionId, 'Hypatia', keyId)).toEqual([])
    expect(setCookies.join()).toContain('ha_session')
    expect(setCookies.join()).not.toContain(secret.split('.')[0])
    expect((await cleared.call('GET', `${known.path}/user`)).body).toMatchObject({
      restricted: true,
      session: { userData: null },
    })
    // It is offered to the site as a link, which does not stand: both hold a key.
    const links = (await readRows()).links.filter(({ knownVisitorId }) => knownVisitorId === known.visitorId)
    expect(links).toMatchObject([
      { visitorId: body.visitor.visitorId, undoneReason: 'Both hold a device key.' },
    ])
  })
})

describe('erasure', () => {
  it('deletes what recognition held, and what is left of the others is as before', async () => {
    await createKnown()
    const before = await readRows()
    const known = await createKnown()
    expect(trace(await readRows(), known.visitorId)).toHaveLength(1)
    const { body } = await known.browser.call('DELETE', known.path)
    expect(body.erased.recognition).toBeGreaterThan(3)
    const { tallies, ...after } = await readRows()
    const { tallies: _sums, ...held } = before
    expect(after).toEqual(held)
    // Sums of many visits, in which nobody is.
    expect(trace(tallies, known.visitorId)).toEqual([])
  })

  it.each([
    ['a refusal', { consent: DENIED }, 'off'],
    ['a consent taken back to none', { consent: { choice: 'unset' } }, 'cookieless'],
  ])('is what %s does to recognition', async (_what, { consent }, mode) => {
    const { publishableKey, site } = await server.sites.create(randomUUID(), { unsetMode: 'cookieless' })
    const headers = { 'X-Site-Key': publishableKey }
    const { browser, evidence } = await createPerson(site.fingerprintSalt)
    const { body } = await browser.call(...OPEN, { body: { ...evidence, consent: BY_CLICK }, headers })
    await browser.prove(...OPEN, {
      body: { ...evidence, consent: BY_CLICK, deviceKey: browser.key.publicJwk },
      headers,
    })
    const { visitorId } = body.visitor
    expect(trace((await readRows()).profiles, visitorId)).toHaveLength(1)
    const put = await browser.call('PUT', '/api/privacy/consent', { body: consent, headers })
    expect(put.body.consent.mode).toBe(mode)
    expect(trace(await readRows(), visitorId)).toEqual([])
    expect(
      (await browser.call('GET', `/api/sessions/${body.session.sessionId}/user`, { headers })).body,
    ).toMatchObject({
      restricted: true,
    })
  })
})
