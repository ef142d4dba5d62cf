import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartOptions, startServer } from '../testing/start-server.ts'
import { createTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { createRecognitionStore } from './store.ts'

const PERSON =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'
const HEADLESS = PERSON.replace('Chrome/', 'HeadlessChrome/')

async function start(config: StartOptions['config'] = {}) {
  const server = await startServer({ config })
  onTestFinished(() => server.close())
  const { fingerprintSalt, id: siteId } = await server.sites.getDefault()
  const { key } = await server.sites.createKey('default', 'secret', ['visitors:read', 'visitors:write'])
  const { storage } = server
  const asOwner = (method: string, path: string) =>
    createTestBrowser(server).call(method, path, { headers: { Authorization: `Bearer ${key}` } })
  return {
    server,
    siteId,
    asOwner,
    arrive: () => createTestBrowser(server),
    async open(browser: TestBrowser, signals: object, agent = PERSON) {
      const { body } = await browser.call('POST', '/api/sessions', {
        headers: { 'User-Agent': agent },
        body: { fingerprint: fingerprintOf({ ...signals }, fingerprintSalt) },
      })
      return { visitorId: String(body.visitor.visitorId), recognition: body.recognition }
    },
    async botReasonsOf(visitorId: string) {
      const { body } = await asOwner('GET', `/api/recognition/explain?visitorId=${visitorId}`)
      return body.bot.reasons
    },
    async hasProfile(visitorId: string) {
      const { visitorProfiles: profiles } = storage.tables
      return (await storage.db.select().from(profiles).where(eq(profiles.visitorId, visitorId))).length > 0
    },
  }
}

describe('a program', () => {
  it('is flagged by its user agent, leaves no profile, and is known by its cookie like anybody', async () => {
    const { arrive, open, botReasonsOf, hasProfile } = await start()
    const browser = arrive()
    const { visitorId } = await open(browser, createSignals(), HEADLESS)
    expect(await botReasonsOf(visitorId)).toEqual(['headless_browser'])
    expect(await hasProfile(visitorId)).toBe(false)
    const again = await open(browser, createSignals(), HEADLESS)
    expect(again).toMatchObject({ visitorId, recognition: { method: 'cookie', isReturning: true } })
  })

  it('is flagged by what its browser reports, and what was remembered of it goes', async () => {
    const { arrive, open, botReasonsOf, hasProfile } = await start()
    const browser = arrive()
    const { visitorId } = await open(browser, createSignals())
    expect([await botReasonsOf(visitorId), await hasProfile(visitorId)]).toEqual([[], true])
    await open(browser, createSignals({ webdriver: true }))
    expect([await botReasonsOf(visitorId), await hasProfile(visitorId)]).toEqual([['webdriver'], false])
    // Once flagged it stays so, whatever it shows.
    await open(browser, createSignals())
    expect([await botReasonsOf(visitorId), await hasProfile(visitorId)]).toEqual([['webdriver'], false])
  })

  it('is flagged by signals that cannot all be true', async () => {
    const { arrive, open, botReasonsOf } = await start()
    const forged = createSignals({ platform: 'iPhone', touchPoints: 0, uaPlatform: 'macOS' })
    expect(await botReasonsOf((await open(arrive(), forged)).visitorId)).toEqual(['impossible_signals'])
  })

  it('is flagged by the network the operator lists', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'helloagain-networks-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'networks.csv')
    await writeFile(path, 'prefix,provider\n127.0.0.0/8,this machine\n')
    const { arrive, open, botReasonsOf } = await start({ DATACENTER_PREFIXES: path })
    expect(await botReasonsOf((await open(arrive(), createSignals())).visitorId)).toEqual([
      'datacenter_network',
    ])
  })

  it('is counted in no figure about people', async () => {
    const { arrive, open, server, siteId } = await start()
    await open(arrive(), createSignals())
    await open(arrive(), createSignals(), HEADLESS)
    expect(await createRecognitionStore(server.storage).countVisitors(siteId)).toBe(1)
  })

  it('is not recognised by fingerprint, unless the operator tests with one', async () => {
    for (const RECOGNISE_BOTS of [false, true]) {
      const { arrive, open, server, hasProfile } = await start({ RECOGNISE_BOTS })
      const signals = createSignals()
      const first = await open(arrive(), signals, HEADLESS)
      server.clock.advance(3_600_000)
      const second = await open(arrive(), signals, HEADLESS)
      expect(second.recognition.isReturning).toBe(RECOGNISE_BOTS)
      expect(await hasProfile(first.visitorId)).toBe(RECOGNISE_BOTS)
    }
  })

  it('is nobody whom a bare hash could mean: the person with the same browser is', async () => {
    for (const isPersonThere of [true, false]) {
      const { arrive, open, server } = await start()
      const signals = createSignals()
      const { fingerprintSalt } = await server.sites.getDefault()
      const { hash } = fingerprintOf(signals, fingerprintSalt)
      if (isPersonThere) await open(arrive(), signals)
      await open(arrive(), signals, HEADLESS)
      server.clock.advance(3_600_000)
      const { body } = await arrive().call('POST', '/api/sessions', {
        headers: { 'User-Agent': PERSON, 'X-Device-Fingerprint': hash },
        body: {},
      })
      expect(body.recognition.isReturning).toBe(isPersonThere)
    }
  })

  it('is not what a back end is taken for that speaks for a browser', async () => {
    const { server, asOwner } = await start()
    const { key } = await server.sites.createKey('default', 'secret', ['sessions:read', 'sessions:write'])
    const sessionId = randomUUID()
    await createTestBrowser(server).call('POST', '/api/sessions', {
      headers: { Authorization: `Bearer ${key}`, 'User-Agent': 'node', 'X-Session-ID': sessionId },
      body: {},
    })
    const { body } = await asOwner('GET', `/api/recognition/explain?sessionId=${sessionId}`)
    expect(body.bot).toEqual({ isBot: false, reasons: [] })
  })
})

describe('DELETE /api/visitors/:id/bot', () => {
  it('204 makes it a person for good: it is remembered from its next visit on', async () => {
    const { arrive, open, asOwner, botReasonsOf, hasProfile } = await start()
    const browser = arrive()
    const { visitorId } = await open(browser, createSignals(), HEADLESS)
    expect((await asOwner('DELETE', `/api/visitors/${visitorId}/bot`)).status).toBe(204)
    await open(browser, createSignals({ webdriver: true }), HEADLESS)
    expect([await botReasonsOf(visitorId), await hasProfile(visitorId)]).toEqual([[], true])
  })

  it('401, 403 and 404 without a key, without its scope, and for nobody', async () => {
    const { server, asOwner } = await start()
    const path = `/api/visitors/${randomUUID()}/bot`
    const { key } = await server.sites.createKey('default', 'secret', ['visitors:read'])
    const reader = { headers: { Authorization: `Bearer ${key}` } }
    expect((await createTestBrowser(server).call('DELETE', path)).status).toBe(401)
    expect((await createTestBrowser(server).call('DELETE', path, reader)).status).toBe(403)
    for (const nobody of [path, '/api/visitors/nobody/bot']) {
      const { status, body } = await asOwner('DELETE', nobody)
      expect([status, body.error.code]).toEqual([404, 'visitor.not_found'])
    }
  })
})
