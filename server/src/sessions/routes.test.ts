import { randomUUID } from 'node:crypto'
import { generateEnhancedFingerprint } from '@helloagain/recognition'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const DAY_MS = 86_400_000
let server: StartedServer
let secret: string

beforeAll(async () => {
  server = await startServer()
  const scopes = ['sessions:read', 'sessions:write', 'conversions:write', 'visitors:read']
  secret = (await server.sites.createKey('default', 'secret', scopes)).key
})
afterAll(() => server.close())

const header = (sessionId: string) => ({ 'X-Session-ID': sessionId })
const withKey = (key: string) => ({ Authorization: `Bearer ${key}` })

/** A browser with an open session. */
async function arrive(body: object = {}) {
  const browser = createTestBrowser(server)
  const opened = await browser.call('POST', '/api/sessions', { body })
  return { browser, opened, sessionId: opened.body.session.sessionId as string }
}

const signalsOf = (canvas: string) => ({
  userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36',
  platform: 'Win32',
  gpuRenderer: 'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)',
  canvas,
  webgl: `${canvas}webgl`,
  audio: '124.04347527516074',
  fonts: ['Arial', 'Calibri', 'Segoe UI Light'],
  hardwareConcurrency: 8,
  deviceMemory: 8,
  screen: [1920, 1080],
  languages: ['de-DE', 'de'],
  timezone: 'Europe/Berlin',
})

async function report(canvas: string) {
  const salt = (await server.sites.getDefault()).fingerprintSalt
  const signals = signalsOf(canvas)
  return { hash: generateEnhancedFingerprint(signals, salt), signals }
}

describe('POST /api/sessions', () => {
  it('200 takes an id that nobody has used', async () => {
    const sessionId = randomUUID()
    const browser = createTestBrowser(server)
    const { status, body, setCookies } = await browser.call('POST', '/api/sessions', {
      headers: header(sessionId),
      body: { metadata: { referrer: 'https://google.com/search?q=me' } },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      restricted: false,
      session: { sessionId, userId: null, userData: null },
      visitor: { visits: 1 },
      recognition: { method: 'new_user', isReturning: false },
      journey: { user_type: 'anonymous', journey_stage: 'first_visit' },
      consent: { mode: 'recognition' },
      site: { unsetMode: 'recognition', sessionTtlSeconds: 2_592_000 },
    })
    expect(setCookies.join()).toMatch(/^ha_session=.+HttpOnly.*SameSite=Lax/)
  })

  it('200 makes a UUIDv7 where none was sent', async () => {
    const { sessionId } = await arrive()
    expect(sessionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  })

  it('200 refreshes a proven session with full certainty', async () => {
    const { browser, opened, sessionId } = await arrive()
    const again = await browser.call('POST', '/api/sessions', { headers: header(sessionId), body: {} })
    expect(again.body).toMatchObject({
      session: { sessionId },
      visitor: { visitorId: opened.body.visitor.visitorId },
      recognition: { method: 'cookie', isReturning: true, confidence: 100, anonymitySet: 1 },
    })
  })

  it('200 finds the session by the cookie alone when the page lost its id', async () => {
    const { browser, sessionId } = await arrive()
    const again = await browser.call('POST', '/api/sessions', { body: {} })
    expect(again.body.session.sessionId).toBe(sessionId)
    expect(again.body.recognition.method).toBe('cookie')
  })

  it('200 goes on with the session of the cookie when the page lost its id and made up another', async () => {
    const { browser, opened, sessionId } = await arrive()
    const again = await browser.call('POST', '/api/sessions', { headers: header(randomUUID()), body: {} })
    expect(again.body.session.sessionId).toBe(sessionId)
    expect(again.body.visitor).toMatchObject({ visitorId: opened.body.visitor.visitorId, visits: 1 })
  })

  it('200 gives a new id to an expired session, for the same visitor, and prefills nothing', async () => {
    const { browser, opened, sessionId } = await arrive()
    await browser.call('PATCH', `/api/sessions/${sessionId}/profile`, { body: { firstName: 'Ada' } })
    server.clock.advance(31 * DAY_MS)
    const again = await browser.call('POST', '/api/sessions', { headers: header(sessionId), body: {} })
    expect(again.body.session.sessionId).not.toBe(sessionId)
    expect(again.body).toMatchObject({
      previousSessionId: sessionId,
      visitor: { visitorId: opened.body.visitor.visitorId, visits: 2 },
      session: { userData: null },
      journey: { user_type: 'returning' },
    })
    const unproven = await createTestBrowser(server).call('POST', '/api/sessions', {
      headers: header(sessionId),
      body: {},
    })
    expect(unproven.body.previousSessionId).toBeUndefined()
    expect(unproven.body.visitor.visitorId).not.toBe(opened.body.visitor.visitorId)
  })

  it('200 starts a new visit after a pause of more than 30 minutes, and only then', async () => {
    const { browser, sessionId } = await arrive()
    const open = () => browser.call('POST', '/api/sessions', { headers: header(sessionId), body: {} })
    server.clock.advance(29 * 60_000)
    expect((await open()).body.visitor.visits).toBe(1)
    server.clock.advance(29 * 60_000)
    expect((await open()).body.visitor.visits).toBe(1)
    server.clock.advance(31 * 60_000)
    expect((await open()).body).toMatchObject({ visitor: { visits: 2 }, journey: { user_type: 'returning' } })
  })

  it('200 tells a device id that was seen before that it was, and nothing else', async () => {
    const deviceId = randomUUID()
    const { opened } = await arrive({ deviceId })
    const wiped = await arrive({ deviceId })
    expect(wiped.opened.body.recognition).toEqual({ method: 'device_id', isReturning: true })
    expect(wiped.opened.body.visitor.visitorId).not.toBe(opened.body.visitor.visitorId)
    expect(wiped.opened.body.visitor.visits).toBe(1)
    expect(wiped.opened.body.journey.user_type).toBe('returning')
    expect(JSON.stringify(wiped.opened.body)).not.toContain(opened.body.visitor.visitorId)
    const { body } = await createTestBrowser(server).call(
      'GET',
      `/api/visitors/${opened.body.visitor.visitorId}`,
      {
        headers: withKey(secret),
      },
    )
    expect(body.links).toMatchObject([
      {
        visitorId: wiped.opened.body.visitor.visitorId,
        knownVisitorId: opened.body.visitor.visitorId,
        method: 'device_id',
        anonymitySet: 1,
      },
    ])
  })

  it('200 recognises a fingerprint that is reported a moment after the session was opened', async () => {
    const fingerprint = await report('late')
    await arrive({ fingerprint })
    const { browser, opened, sessionId } = await arrive()
    expect(opened.body.recognition.isReturning).toBe(false)
    const completed = await browser.call('POST', '/api/sessions', {
      headers: header(sessionId),
      body: { fingerprint },
    })
    expect(completed.body.recognition).toEqual({ method: 'fingerprint_recognized', isReturning: true })
  })

  it('200 does not greet as returning a first visitor whose fingerprint comes a moment later', async () => {
    const { browser, sessionId } = await arrive()
    const completed = await browser.call('POST', '/api/sessions', {
      headers: header(sessionId),
      body: { fingerprint: await report('only-me') },
    })
    expect(completed.body.recognition).toEqual({ method: 'new_user', isReturning: false })
    const later = await browser.call('POST', '/api/sessions', { headers: header(sessionId), body: {} })
    expect(later.body.recognition.method).toBe('cookie')
  })

  it('200 copies a computed fingerprint into the cookie tier once', async () => {
    const fingerprint = await report('copied')
    const { browser, opened, sessionId } = await arrive({ fingerprint })
    expect(opened.setCookies.join()).toContain(`device_fp=${fingerprint.hash}`)
    const again = await browser.call('POST', '/api/sessions', {
      headers: header(sessionId),
      body: { fingerprint },
    })
    expect(again.setCookies.join()).not.toContain('device_fp')
  })

  it('200 starts somebody else under fresh: true, and deletes nothing', async () => {
    const deviceId = randomUUID()
    const { browser, opened, sessionId } = await arrive({ deviceId })
    const old = new Map(browser.cookies)
    const wanted = randomUUID()
    const fresh = await browser.call('POST', '/api/sessions', {
      headers: header(wanted),
      body: { fresh: true, deviceId },
    })
    expect(fresh.body).toMatchObject({
      session: { sessionId: wanted, userData: null },
      recognition: { method: 'new_user', isReturning: false },
    })
    expect(fresh.body.visitor.visitorId).not.toBe(opened.body.visitor.visitorId)
    expect(browser.cookies.get('ha_session')).not.toBe(old.get('ha_session'))
    const stale = await browser.call('GET', `/api/sessions/${sessionId}/user`)
    expect(stale.body.restricted).toBe(true)
  })

  it('200 does not hold somebody who started afresh for the one before, by their common computer', async () => {
    const fingerprint = await report('shared-computer')
    const { browser, opened } = await arrive({ fingerprint })
    const fresh = await browser.call('POST', '/api/sessions', { body: { fresh: true, fingerprint } })
    const reported = await browser.call('POST', '/api/sessions', { body: { fingerprint } })
    expect(reported.body.session.sessionId).toBe(fresh.body.session.sessionId)
    expect(reported.body.recognition).toEqual({ method: 'new_user', isReturning: false })
    const { body } = await createTestBrowser(server).call(
      'GET',
      `/api/visitors/${opened.body.visitor.visitorId}`,
      { headers: withKey(secret) },
    )
    expect(body.links).toEqual([])
    // Two people hold the fingerprint now, so a third arrival is nobody’s return.
    const third = await arrive({ fingerprint })
    expect(third.opened.body.recognition).toEqual({ method: 'new_user', isReturning: false })
  })

  it('200 stores families, a host and a path, never what was claimed or raw', async () => {
    const { opened } = await arrive({
      metadata: {
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0 Marke-XYZ',
        ip: '198.51.100.7',
        referrer: 'https://news.example/private/article?reader=ada',
        page: 'https://shop.example/reset/0123456789abcdef0123456789abcdef?utm_campaign=fall&token=geheim#x',
        language: 'pt-BR',
        timezone: 'America/Sao_Paulo',
        screen: { width: 1366, height: 768 },
        anything: 'else',
      },
    })
    expect(opened.body.session.metadata).toEqual({
      browser: 'Firefox',
      browserMajor: '127',
      os: 'Linux',
      device: 'desktop',
      referrer: 'news.example',
      utm: { campaign: 'fall' },
      page: '/reset/:masked',
      language: 'pt',
      timezone: 'America/Sao_Paulo',
      screen: 'medium',
      network: '127.0.0.0/24',
    })
  })

  it('400 session.id_invalid for an id that is no UUID', async () => {
    const { status, body } = await createTestBrowser(server).call('POST', '/api/sessions', {
      headers: header('42'),
      body: {},
    })
    expect([status, body.error.code]).toEqual([400, 'session.id_invalid'])
  })

  it.each([
    ['a NUL in a text', { metadata: { page: '/a\0b' } }, 'metadata.page'],
    ['a lone surrogate', { metadata: { language: '\ud800' } }, 'metadata.language'],
    ['a hash that is none', { fingerprint: { hash: 'XYZ' } }, 'fingerprint.hash'],
    ['a device id of 129 characters', { deviceId: 'x'.repeat(129) }, 'deviceId'],
    ['a wrong type', { consent: 'yes' }, 'consent'],
  ])('400 request.invalid for %s, naming the field', async (_what, body, path) => {
    const answer = await createTestBrowser(server).call('POST', '/api/sessions', { body })
    expect([answer.status, answer.body.error.code]).toEqual([400, 'request.invalid'])
    expect(answer.body.error.issues.map((issue: { path: string }) => issue.path)).toContain(path)
  })

  it('400 request.invalid for a __proto__ key', async () => {
    const answer = await createTestBrowser(server).call('POST', '/api/sessions', {
      body: '{"metadata":{"__proto__":{"isAdmin":true}}}',
    })
    expect([answer.status, answer.body.error.code]).toEqual([400, 'request.invalid'])
  })

  it('401 keys.unknown_site for a key no site has', async () => {
    const answer = await createTestBrowser(server).call('POST', '/api/sessions', {
      headers: { 'X-Site-Key': 'pk_nobody' },
      body: {},
    })
    expect([answer.status, answer.body.error.code]).toEqual([401, 'keys.unknown_site'])
  })
})
