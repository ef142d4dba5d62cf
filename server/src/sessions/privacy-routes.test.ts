import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser, type TestBrowser } from '../testing/test-browser.ts'

const DAY_MS = 86_400_000
let server: StartedServer
let browser: TestBrowser

beforeAll(async () => {
  server = await startServer()
})
beforeEach(() => {
  browser = createTestBrowser(server)
})
afterAll(() => server.close())

const GRANTED = { choice: 'granted', byPerson: true, wording: 'v1' }
const DENIED = { choice: 'denied', byPerson: true, wording: 'v1' }

const open = (body: object = {}, headers: Record<string, string> = {}) =>
  browser.call('POST', '/api/sessions', { body, headers })

const everything = async () => {
  const { db, tables } = server.storage
  return {
    visitors: await db.select().from(tables.visitors),
    sessions: await db.select().from(tables.userSessions),
    fingerprints: await db.select().from(tables.visitorFingerprints),
    devices: await db.select().from(tables.visitorDeviceIds),
    decisions: await db.select().from(tables.consentDecisions),
    journeys: await db.select().from(tables.journeys),
  }
}

const FINGERPRINT = { hash: 'a'.repeat(32), signals: { timezone: 'Europe/Berlin' } }

describe('mode cookieless', () => {
  it.each([
    ['Sec-GPC', { 'Sec-GPC': '1' }],
    ['DNT', { DNT: '1' }],
  ])('200 leaves nothing in the browser and nothing to recognise it by under %s', async (_name, headers) => {
    const before = await everything()
    const {
      status,
      body,
      setCookies,
      headers: answered,
    } = await open(
      { deviceId: randomUUID(), fingerprint: FINGERPRINT },
      { ...headers, 'X-Device-Fingerprint': 'b'.repeat(32) },
    )
    expect(status).toBe(200)
    expect(body).toMatchObject({
      restricted: true,
      consent: { mode: 'cookieless' },
      session: { userData: null },
    })
    expect([body.visitor, body.journey]).toEqual([undefined, undefined])
    expect(setCookies).toEqual([])
    expect(answered['x-device-fingerprint']).toBeUndefined()
    const after = await everything()
    expect(after.fingerprints).toEqual(before.fingerprints)
    expect(after.devices).toEqual(before.devices)
    expect(after.journeys).toEqual(before.journeys)
  })

  it('200 groups a day, and links nothing to the day after', async () => {
    const sessionId = randomUUID()
    const headers = { 'Sec-GPC': '1', 'X-Session-ID': sessionId }
    const { visitors: start } = await everything()
    const first = await open({}, headers)
    expect(first.body.session.sessionId).toBe(sessionId)
    await open({}, headers)
    await open({}, { 'Sec-GPC': '1' })
    const { visitors: today, sessions } = await everything()
    expect(today.length - start.length).toBeLessThanOrEqual(1)
    // The id in the page's memory is stored nowhere: a page left open would carry it over midnight.
    expect(sessions.map((row) => row.sessionId)).not.toContain(sessionId)
    server.clock.advance(DAY_MS)
    await open({}, headers)
    const { visitors: tomorrow } = await everything()
    expect(tomorrow.length).toBe(today.length + 1)
  })

  it('200 neither uses nor prolongs an identity that the browser still has', async () => {
    const known = await open()
    const { sessionId } = known.body.session
    const rowOf = async () => (await everything()).sessions.find((row) => row.sessionId === sessionId)
    const [before, devices] = [await rowOf(), (await everything()).devices]
    server.clock.advance(1000)
    for (const headers of [{ 'Sec-GPC': '1', 'X-Session-ID': sessionId }, { 'Sec-GPC': '1' }]) {
      const { body, setCookies } = await open({ deviceId: randomUUID(), fingerprint: FINGERPRINT }, headers)
      expect(setCookies).toEqual([])
      expect(body).toMatchObject({
        consent: { mode: 'cookieless' },
        restricted: true,
        recognition: { method: 'new_user', isReturning: false },
        session: { userId: null, userData: null, metadata: {} },
      })
      expect([body.visitor, body.journey]).toEqual([undefined, undefined])
      expect(JSON.stringify(body)).not.toContain(known.body.visitor.visitorId)
    }
    expect(await rowOf()).toEqual(before)
    expect((await everything()).devices).toEqual(devices)
    expect((await open()).body.session.sessionId).toBe(sessionId)
  })

  it('200 is what a site of its own choice makes of silence', async () => {
    const { publishableKey } = await server.sites.create(`strict-${randomUUID()}`, {
      unsetMode: 'cookieless',
    })
    const headers = { 'X-Site-Key': publishableKey }
    const silent = await open({}, headers)
    expect(silent.body.consent.mode).toBe('cookieless')
    expect(silent.headers['x-device-fingerprint']).toBeUndefined()
    const granted = await open({ consent: GRANTED }, headers)
    expect(granted.body).toMatchObject({ consent: { mode: 'recognition' }, restricted: false })
  })

  it('200 gives way to the person’s own click', async () => {
    const { body } = await open({ consent: { ...GRANTED, optOutSignal: true } }, { 'Sec-GPC': '1' })
    expect(body.consent.mode).toBe('recognition')
    const unclicked = await open({ consent: { choice: 'granted' } }, { 'Sec-GPC': '1' })
    expect(unclicked.body.consent.mode).toBe('cookieless')
  })
})

describe('mode off', () => {
  it('200 stores the refusal, tied to nobody, and nothing else', async () => {
    const before = await everything()
    const { body, setCookies } = await open({
      consent: DENIED,
      deviceId: randomUUID(),
      fingerprint: FINGERPRINT,
    })
    expect(body).toMatchObject({
      restricted: true,
      consent: { mode: 'off' },
      recognition: { method: 'new_user' },
    })
    expect(setCookies).toEqual([])
    const { decisions, ...rest } = await everything()
    const { decisions: earlier, ...restBefore } = before
    expect(rest).toEqual(restBefore)
    expect(decisions.slice(earlier.length)).toMatchObject([
      { sessionId: null, choice: 'denied', mode: 'off', byPerson: true, wording: 'v1' },
    ])
  })

  it('200 ends the session it proves and takes the cookie away', async () => {
    const deviceId = randomUUID()
    const opened = await open({ deviceId })
    const { sessionId } = opened.body.session
    const refused = await open({ consent: DENIED }, { 'X-Session-ID': sessionId })
    expect(refused.setCookies.join()).toMatch(/ha_session=[^;]*; Max-Age=0/)
    const { devices } = await everything()
    expect(devices.filter((row) => row.visitorId === opened.body.visitor.visitorId)).toEqual([])
    const later = await open({ deviceId })
    expect(later.body.recognition).toEqual({ method: 'new_user', isReturning: false })
  })
})

describe('PUT /api/privacy/consent', () => {
  it('200 records a decision once, with its wording', async () => {
    const { body } = await open({ consent: GRANTED })
    const { sessionId } = body.session
    const put = (consent: object) =>
      browser.call('PUT', '/api/privacy/consent', { body: consent, headers: { 'X-Session-ID': sessionId } })
    expect((await put(GRANTED)).body).toEqual({ success: true, consent: { mode: 'recognition' } })
    await put({ ...GRANTED, wording: 'v2' })
    const { db, tables } = server.storage
    const rows = await db
      .select()
      .from(tables.consentDecisions)
      .where(eq(tables.consentDecisions.sessionId, sessionId))
    expect(rows.map((row) => row.wording).sort()).toEqual(['v1', 'v2'])
  })

  it('200 denied: the session is proven by nobody any more', async () => {
    const { body } = await open()
    const path = `/api/sessions/${body.session.sessionId}`
    await browser.call('PATCH', `${path}/profile`, { body: { firstName: 'Ada' } })
    const kept = browser.cookies.get('ha_session') ?? ''
    const { body: answered } = await browser.call('PUT', '/api/privacy/consent', { body: DENIED })
    expect(answered.consent.mode).toBe('off')
    expect(browser.cookies.has('ha_session')).toBe(false)
    browser.cookies.set('ha_session', kept)
    expect((await browser.call('GET', `${path}/user`)).body.restricted).toBe(true)
  })

  it('200 denied by somebody who only names a session leaves it alone', async () => {
    const { body } = await open()
    const { sessionId } = body.session
    const stranger = createTestBrowser(server)
    await stranger.call('PUT', '/api/privacy/consent', {
      body: DENIED,
      headers: { 'X-Session-ID': sessionId },
    })
    expect((await browser.call('GET', `/api/sessions/${sessionId}/user`)).body.restricted).toBe(false)
  })

  it('400 request.invalid for a choice that is none', async () => {
    const { status, body } = await browser.call('PUT', '/api/privacy/consent', { body: { choice: 'maybe' } })
    expect([status, body.error.code]).toEqual([400, 'request.invalid'])
  })
})

describe('DELETE /api/sessions/:sessionId', () => {
  it('200 leaves nothing of the visitor, here or in other rooms, and clears the cookies', async () => {
    const { body } = await open({ deviceId: randomUUID(), consent: GRANTED })
    const { sessionId } = body.session
    const { visitorId } = body.visitor
    const path = `/api/sessions/${sessionId}`
    await browser.call('PATCH', `${path}/profile`, { body: { firstName: 'Ada' } })
    await browser.call('PUT', `${path}/progress/quiz`, { body: { state: 1 } })
    await browser.call('POST', '/api/events', {
      headers: { 'X-Session-ID': sessionId },
      body: { eventType: 'PAGE_VIEW', payload: { page: '/x' } },
    })
    const erased = await browser.call('DELETE', path)
    expect(erased.status).toBe(200)
    expect(erased.body.erased).toMatchObject({
      sessions: 1,
      visits: 1,
      profileFields: 1,
      progress: 1,
      recognition: 1,
    })
    expect(browser.cookies.has('ha_session')).toBe(false)
    const { db, tables } = server.storage
    const left = [
      await db.select().from(tables.eventLogs),
      await db.select().from(tables.activityCounts),
      await db.select().from(tables.journeyTransitions),
      await db.select().from(tables.visits),
      await db.select().from(tables.profileFields),
      await db.select().from(tables.progressStates),
      ...Object.values(await everything()),
    ]
    expect(JSON.stringify(left)).not.toContain(visitorId)
    expect(JSON.stringify(left)).not.toContain(sessionId)
  })

  it('410 session.expired for a proven session that has expired', async () => {
    const { body } = await open()
    server.clock.advance(31 * DAY_MS)
    const { status } = await browser.call('DELETE', `/api/sessions/${body.session.sessionId}`)
    expect(status).toBe(410)
  })
})
