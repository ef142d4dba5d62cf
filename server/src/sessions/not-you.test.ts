import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser, type TestBrowser } from '../testing/test-browser.ts'

const OPEN = ['POST', '/api/sessions'] as const
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NOBODY = { method: 'new_user', isReturning: false }

let server: StartedServer
beforeEach(async () => {
  // A handful of visitors is too few for the certainty that links: here a fair guess does.
  server = await startServer({ config: { RECOGNITION_LINK_CONFIDENCE: 50 } })
})
afterEach(() => server.close())

/** One computer: whoever sits at it shows the same signals; storage and cookies may be wiped. */
async function openComputer() {
  const { fingerprintSalt } = await server.sites.getDefault()
  const fingerprint = fingerprintOf(createSignals(), fingerprintSalt)
  let browser = createTestBrowser(server)
  const report = async (body: object = {}, headers: Record<string, string> = {}) =>
    (await browser.call(...OPEN, { body: { fingerprint, ...body }, headers })).body
  return {
    fingerprint,
    report,
    call: (...asked: Parameters<TestBrowser['call']>) => browser.call(...asked),
    sayNotMe: async () => (await browser.call(...OPEN, { body: { fresh: true } })).body,
    cookies: () => browser.cookies,
    wipe(left: ReadonlyMap<string, string> = new Map()) {
      browser = createTestBrowser(server)
      for (const [name, value] of left) browser.cookies.set(name, value)
    },
  }
}

/** A computer whose owner was here twice, and is not here now. */
async function openKnown() {
  const computer = await openComputer()
  const owner = await computer.report()
  server.clock.advance(DAY_MS)
  await computer.report()
  return { ...computer, ownerId: owner.visitor.visitorId as string }
}

const linksOf = async (visitorId: string) => {
  const { db, tables } = server.storage
  const links = await db.select().from(tables.visitorLinks)
  return links.filter((link) => [link.visitorId, link.knownVisitorId].includes(visitorId))
}

describe('who said "not you" is not taken for that visitor again by fingerprint', () => {
  it('an owner who said nothing is: else this would show nothing', async () => {
    const { report, wipe, ownerId } = await openKnown()
    server.clock.advance(2 * HOUR_MS)
    wipe()
    const { recognition } = await report()
    expect(recognition).toEqual({ method: 'fingerprint_recognized', isReturning: true })
    expect(await linksOf(ownerId)).toHaveLength(1)
  })

  it('in the session that begins so, at once and with the next visits', async () => {
    const { report, sayNotMe, ownerId } = await openKnown()
    expect((await sayNotMe()).recognition).toEqual(NOBODY)
    expect((await report()).recognition).toEqual(NOBODY)
    server.clock.advance(2 * HOUR_MS)
    expect((await report()).recognition.method).toBe('cookie')
    expect(await linksOf(ownerId)).toEqual([])
  })

  it('in another session of theirs, that an event began', async () => {
    const { report, call, sayNotMe, ownerId } = await openKnown()
    const fresh = await sayNotMe()
    const headers = { 'X-Session-ID': randomUUID() }
    const body = { eventType: 'PAGE_VIEW' }
    expect((await call('POST', '/api/events', { body, headers })).status).toBe(202)
    const opened = await report({}, headers)
    expect(opened.visitor.visitorId).toBe(fresh.visitor.visitorId)
    expect(opened.recognition.method).not.toBe('fingerprint_recognized')
    expect(await linksOf(ownerId)).toEqual([])
  })

  it.each([
    ['hours later, reported what it looks like', 2 * HOUR_MS, true],
    ['hours later, told nothing more', 2 * HOUR_MS, false],
    ['minutes later, reported what it looks like', HOUR_MS / 6, true],
    ['minutes later, told nothing more', HOUR_MS / 6, false],
  ])('after its storage is wiped, where the session that began so %s', async (_what, pauseMs, isReported) => {
    const { report, sayNotMe, wipe, ownerId } = await openKnown()
    server.clock.advance(pauseMs)
    await sayNotMe()
    if (isReported) await report()
    const here = [ownerId]
    // Again and again: nor by way of those who were nobody in between.
    for (const _time of [1, 2, 3]) {
      wipe()
      server.clock.advance(2 * HOUR_MS)
      const { recognition, visitor } = await report()
      expect(recognition).toEqual(NOBODY)
      here.push(visitor.visitorId)
    }
    expect((await Promise.all(here.map(linksOf))).flat()).toEqual([])
  })

  it('by the documents’ anonymous log-in, and by a device id that was left', async () => {
    const { report, call, sayNotMe, wipe, fingerprint } = await openKnown()
    const deviceId = randomUUID()
    await report({ deviceId })
    await sayNotMe()
    server.clock.advance(2 * HOUR_MS)
    const raw_fingerprint_data = fingerprint.signals
    for (const body of [{ raw_fingerprint_data }, { device_id: deviceId }]) {
      wipe()
      const answer = await call('POST', '/api/auth/anonymous', { body })
      expect(answer.body).toMatchObject({ is_returning: false, recognition_method: 'new_user' })
    }
  })

  it('nor for an earlier visitor that they were linked to', async () => {
    const { report, sayNotMe, wipe, ownerId } = await openKnown()
    server.clock.advance(2 * HOUR_MS)
    wipe()
    await report()
    expect(await linksOf(ownerId)).toHaveLength(1)
    await sayNotMe()
    server.clock.advance(2 * HOUR_MS)
    wipe()
    expect((await report()).recognition).toEqual(NOBODY)
    expect(await linksOf(ownerId)).toHaveLength(1)
  })

  it('where a token alone showed who they were', async () => {
    const { call, report, wipe, fingerprint } = await openComputer()
    const raw_fingerprint_data = fingerprint.signals
    const { body } = await call('POST', '/api/auth/anonymous', { body: { raw_fingerprint_data } })
    server.clock.advance(2 * HOUR_MS)
    wipe()
    await report({ fresh: true }, { Authorization: `Bearer ${body.access_token}` })
    server.clock.advance(2 * HOUR_MS)
    wipe()
    expect((await report()).recognition).toEqual(NOBODY)
  })

  it('and both are known by their cookies as before', async () => {
    const owner = await openKnown()
    const cookies = new Map(owner.cookies())
    const fresh = await owner.sayNotMe()
    await owner.report()
    server.clock.advance(2 * HOUR_MS)
    const other = await owner.report()
    expect(other.visitor.visitorId).toBe(fresh.visitor.visitorId)
    owner.wipe(cookies)
    expect((await owner.report()).visitor.visitorId).toBe(owner.ownerId)
  })

  it('and a back end is told why', async () => {
    const { report, sayNotMe, wipe, ownerId } = await openKnown()
    await sayNotMe()
    server.clock.advance(2 * HOUR_MS)
    wipe()
    const { visitor } = await report()
    const ask = async (path: string) => {
      const { key } = await server.sites.createKey('default', 'secret', ['visitors:read'])
      const headers = { Authorization: `Bearer ${key}` }
      return (await createTestBrowser(server).call('GET', path, { headers })).body
    }
    for (const id of [ownerId, visitor.visitorId]) {
      expect((await ask(`/api/visitors/${id}`)).visitor.isShared).toBe(true)
    }
    const explained = await ask(`/api/recognition/explain?visitorId=${visitor.visitorId}`)
    expect(explained).toMatchObject({ isLinkable: false, reasons: [{ code: 'shared_browser' }] })
  })
})

describe('who wants to be forgotten is not taken by fingerprint for who they were before', () => {
  const wishes: [string, (sessionId: string) => Parameters<TestBrowser['call']>][] = [
    ['deletes the session', (sessionId) => ['DELETE', `/api/sessions/${sessionId}`]],
    ['deletes all that is held', () => ['DELETE', '/api/privacy/data']],
    [
      'takes consent back',
      () => ['PUT', '/api/privacy/consent', { body: { choice: 'denied', byPerson: true } }],
    ],
  ]
  it.each(wishes)('where the visitor that %s was linked to an earlier one', async (_what, wish) => {
    const { report, call, wipe, ownerId } = await openKnown()
    server.clock.advance(2 * HOUR_MS)
    wipe()
    const { session } = await report()
    expect(await linksOf(ownerId)).toHaveLength(1)
    expect((await call(...wish(session.sessionId))).status).toBe(200)
    server.clock.advance(2 * HOUR_MS)
    wipe()
    expect((await report()).recognition).toEqual(NOBODY)
    expect(await linksOf(ownerId)).toEqual([])
  })
})

it('S2 who shows somebody’s fingerprint and says "not me" changes nothing of them', async () => {
  const victim = await openKnown()
  const { id: siteId } = await server.sites.getDefault()
  const { recognition } = server.server.rooms
  const before = await recognition.findVisitor(siteId, victim.ownerId)
  server.clock.advance(2 * HOUR_MS)
  const forger = createTestBrowser(server)
  await forger.call(...OPEN, { body: { fingerprint: victim.fingerprint } })
  expect(await linksOf(victim.ownerId)).toHaveLength(1)
  await forger.call(...OPEN, { body: { fresh: true } })
  expect(await recognition.findVisitor(siteId, victim.ownerId)).toEqual(before)
})

it('S2 who proves nothing marks nobody, whatever session, fingerprint or key they name', async () => {
  const { report, fingerprint, ownerId } = await openKnown()
  const { session } = await report()
  const headers = { 'X-Session-ID': session.sessionId }
  const body = { fresh: true, fingerprint, consent: { choice: 'granted' } }
  expect((await createTestBrowser(server).call(...OPEN, { body, headers })).status).toBe(200)
  const { id: siteId } = await server.sites.getDefault()
  const { recognition } = server.server.rooms
  expect((await recognition.findVisitor(siteId, ownerId))?.isShared).toBe(false)
})
