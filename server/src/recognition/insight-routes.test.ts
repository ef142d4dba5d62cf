import { randomUUID } from 'node:crypto'
import { generateEnhancedFingerprint } from '@helloagain/recognition'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import type { Trial } from './learning-ports.ts'

const DAY_MS = 86_400_000
const USER_AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'

const SIGNALS = {
  ...{ userAgent: USER_AGENT, platform: 'Win32', timezone: 'Europe/Madrid', languages: ['es-ES', 'en'] },
  gpuRenderer: 'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)',
  ...{ webgl: 'a81f', canvas: 'c0ffee', audio: '124.04', fonts: ['Arial', 'Calibri', 'Segoe UI'] },
  ...{ screen: [1920, 1080], hardwareConcurrency: 12, deviceMemory: 8, touchPoints: 0, webdriver: false },
}

let server: StartedServer
let key: string
beforeAll(async () => {
  server = await startServer()
  key = (await server.sites.createKey('default', 'secret', ['visitors:read', 'visitors:write'])).key
})
afterAll(() => server.close())

const call = (path: string, { method = 'GET', secret = key } = {}) =>
  createTestBrowser(server).call(method, path, { headers: { Authorization: `Bearer ${secret}` } })

async function open(browser: TestBrowser, signals?: object) {
  const { fingerprintSalt } = await server.sites.getDefault()
  const report = signals && { hash: generateEnhancedFingerprint(signals, fingerprintSalt), signals }
  const answer = await browser.call('POST', '/api/sessions', {
    body: report ? { fingerprint: report } : {},
    headers: { 'User-Agent': USER_AGENT },
  })
  return {
    visitorId: String(answer.body.visitor.visitorId),
    sessionId: String(answer.body.session.sessionId),
  }
}

describe('GET /api/recognition/explain', () => {
  let known: { visitorId: string; sessionId: string }
  beforeEach(async () => {
    const browser = createTestBrowser(server)
    known = await open(browser, { ...SIGNALS, canvas: randomUUID() })
    server.clock.advance(DAY_MS)
  })

  it('200 tells bits by group, states of signals and thresholds, of a visitor and of its session', async () => {
    const browser = createTestBrowser(server)
    const asked = await open(browser, { ...SIGNALS, canvas: randomUUID(), screen: [2560, 1440] })
    const { status, body } = await call(`/api/recognition/explain?visitorId=${asked.visitorId}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      ...{ success: true, visitorId: asked.visitorId, bot: { isBot: false, reasons: [] } },
      thresholds: { confidence: 99, observationConfidence: 60, anonymitySet: 1 },
      profile: { browserFamily: 'chrome', osFamily: 'windows', observations: 1 },
    })
    expect(body.reasons.length).toBeGreaterThan(0)
    expect(body.decision.best.signals).toContainEqual({ name: 'screen', state: 'changed' })
    expect(body.decision.best.signals).toContainEqual({ name: 'gpuRenderer', state: 'known' })
    expect(Object.keys(body.decision.best.groups).sort()).toEqual([
      ...['device', 'display', 'locale', 'network', 'software'],
    ])
    const again = await call(`/api/recognition/explain?sessionId=${asked.sessionId}`)
    expect(again.body).toEqual(body)
  })

  it('never tells a value', async () => {
    const { body } = await call(`/api/recognition/explain?visitorId=${known.visitorId}`)
    const told = JSON.stringify(body)
    for (const value of ['NVIDIA', 'Madrid', 'es-ES', 'a81f', '124.04', 'Segoe', '1920', 'Mozilla']) {
      expect(told).not.toContain(value)
    }
  })

  it('says so when there is nothing to compare', async () => {
    const bare = await open(createTestBrowser(server))
    const { body } = await call(`/api/recognition/explain?visitorId=${bare.visitorId}`)
    expect(body).toMatchObject({
      isLinkable: false,
      profile: null,
      decision: null,
      reasons: [{ code: 'no_profile' }],
    })
  })

  it('404 visitor.not_found for ids never issued, for no ids, and for another site’s', async () => {
    const paths = [`visitorId=${randomUUID()}`, 'visitorId=nobody', `sessionId=${randomUUID()}`]
    for (const query of paths) {
      const { status, body } = await call(`/api/recognition/explain?${query}`)
      expect([status, body.error.code]).toEqual([404, 'visitor.not_found'])
    }
    const site = `site-${randomUUID()}`
    await server.sites.create(site)
    const { key: foreign } = await server.sites.createKey(site, 'secret', ['visitors:read'])
    const { status } = await call(`/api/recognition/explain?visitorId=${known.visitorId}`, {
      secret: foreign,
    })
    expect(status).toBe(404)
  })

  it('400 request.invalid without a name, and with two', async () => {
    for (const query of ['', `?visitorId=${known.visitorId}&sessionId=${known.sessionId}`]) {
      const { status, body } = await call(`/api/recognition/explain${query}`)
      expect([status, body.error.code]).toEqual([400, 'request.invalid'])
    }
  })
})

describe('GET /api/recognition/quality', () => {
  async function keepTrials(count: number, changes: Partial<Trial>) {
    const { id: siteId } = await server.sites.getDefault()
    const { visitorId } = await open(createTestBrowser(server))
    for (let left = count; left > 0; left -= 1) {
      await server.server.rooms.learningStore.keepTrial({
        ...{ id: randomUUID(), siteId, visitorId, atMs: server.clock.nowMs(), browserFamily: 'chrome' },
        ...{ isReturn: true, method: 'fingerprint_exact', confidence: 99.5, isRight: true },
        input: { best: visitorId, comparisons: {} },
        ...changes,
      })
    }
  }

  it('200 says plainly that there are too few trials, and null for what hangs on them', async () => {
    const { status, body } = await call('/api/recognition/quality')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      ...{ success: true, window: { days: 30 } },
      all: { precision: null, recall: null, falseMergesPer10k: null, ece: null },
      model: { version: 0, learnedSince: null, lastTry: null },
    })
    expect(body.remarks).toContainEqual(expect.stringContaining('Too few trials'))
  })

  it('200 tells figures for all and by browser family, of the days asked for', async () => {
    await keepTrials(199, {})
    await keepTrials(1, { isRight: false })
    await keepTrials(50, { browserFamily: 'safari', method: 'none', confidence: 40, isRight: null })
    const { body } = await call('/api/recognition/quality?days=7')
    expect(body.all).toMatchObject({
      links: 200,
      precision: 199 / 200,
      recall: 199 / 250,
      falseMergesPer10k: 40,
    })
    expect(body.families.map((family: { browserFamily: string }) => family.browserFamily)).toEqual([
      'chrome',
      'safari',
    ])
    expect(body.families[1]).toMatchObject({ trials: 50, recall: null })
    server.clock.advance(8 * DAY_MS)
    expect((await call('/api/recognition/quality?days=7')).body.all.trials).toBe(0)
    expect((await call('/api/recognition/quality?days=30')).body.all.trials).toBe(250)
  })

  it('400 request.invalid for a window that is none', async () => {
    for (const days of ['0', '31', '1.5', 'all']) {
      expect((await call(`/api/recognition/quality?days=${days}`)).status).toBe(400)
    }
  })
})

it.each(['/api/recognition/quality', `/api/recognition/explain?visitorId=${randomUUID()}`])(
  '401 and 403 without a key, and without its scope: %s',
  async (path) => {
    expect((await createTestBrowser(server).call('GET', path)).status).toBe(401)
    const { key: other } = await server.sites.createKey('default', 'secret', ['sessions:read'])
    expect((await call(path, { secret: other })).status).toBe(403)
  },
)
