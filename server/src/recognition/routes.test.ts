import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../platform/log.ts'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

let server: StartedServer
let key: string
let foreignKey: string
const lines: string[] = []

beforeAll(async () => {
  server = await startServer({ log: createLog('info', { write: (line) => void lines.push(line) }) })
  key = (await server.sites.createKey('default', 'secret', ['visitors:read', 'visitors:write'])).key
  await server.sites.create('other')
  foreignKey = (await server.sites.createKey('other', 'secret', ['visitors:read', 'visitors:write'])).key
})
afterAll(() => server.close())

const bearer = (with_: string) => ({ Authorization: `Bearer ${with_}` })

async function arrive(headers: Record<string, string> = {}): Promise<string> {
  const browser = createTestBrowser(server)
  const { body } = await browser.call('POST', '/api/sessions', { body: {}, headers })
  return body.visitor.visitorId
}

const get = (id: string, headers: Record<string, string> = bearer(key)) =>
  createTestBrowser(server).call('GET', `/api/visitors/${id}`, { headers })
// biome-ignore lint/complexity/useMaxParams: a request in the order in which it is read.
const post = (id: string, what: string, body: object, headers: Record<string, string> = bearer(key)) =>
  createTestBrowser(server).call('POST', `/api/visitors/${id}/${what}`, { body, headers })

const BECAUSE = { reason: 'support ticket 7' }

describe('GET /api/visitors/:id', () => {
  it('200 tells a visitor with its links, its person, its edges and whether it is a bot', async () => {
    const visitorId = await arrive()
    const { status, body } = await get(visitorId)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      visitor: { visitorId, visits: 1, userId: null, isBot: false, deviceEdges: { total: 0, open: 0 } },
      person: { visitorId, visitors: 1 },
      links: [],
    })
  })

  it('401 auth.token_required without a key', async () => {
    const { status, body } = await get(await arrive(), {})
    expect([status, body.error.code]).toEqual([401, 'auth.token_required'])
  })

  it('403 keys.scope_missing for a key without visitors:read', async () => {
    const { key: other } = await server.sites.createKey('default', 'secret', ['sessions:read'])
    expect((await get(await arrive(), bearer(other))).status).toBe(403)
  })

  it('404 visitor.not_found for an id never issued, for no id at all, and for another site’s', async () => {
    const answers = [
      await get(randomUUID()),
      await get('nobody'),
      await get(await arrive(), bearer(foreignKey)),
    ]
    for (const { status, body } of answers)
      expect([status, body.error.code]).toEqual([404, 'visitor.not_found'])
  })
})

describe('POST /api/visitors/:id/merge', () => {
  it('200 makes two visitors one person, says who, when and why, and logs neither words nor visitors', async () => {
    const [one, other] = [await arrive(), await arrive()]
    const { status, body } = await post(other, 'merge', { visitorId: one, ...BECAUSE })
    expect(status).toBe(200)
    expect(body.link).toMatchObject({
      visitorId: other,
      knownVisitorId: one,
      method: 'merge',
      undoneAt: null,
    })
    expect(body.link.changes).toMatchObject([{ what: 'made', ...BECAUSE }])
    const { body: seen } = await get(one)
    expect(seen.person).toEqual({ visitorId: one, visitors: 2 })
    expect(seen.links).toEqual([body.link])
    const logged = lines.filter((line) => line.includes(body.link.linkId))
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { graph: 'merge', by: body.link.changes[0].by },
    ])
    for (const told of [one, other, BECAUSE.reason]) expect(lines.join()).not.toContain(told)
  })

  it('200 once more for two that are one already', async () => {
    const [one, other] = [await arrive(), await arrive()]
    const first = await post(other, 'merge', { visitorId: one, ...BECAUSE })
    expect((await post(one, 'merge', { visitorId: other.toUpperCase(), ...BECAUSE })).body).toEqual(
      first.body,
    )
  })

  it('moves nothing: each event keeps the visitor it came with', async () => {
    const browser = createTestBrowser(server)
    const { body } = await browser.call('POST', '/api/sessions', { body: {} })
    const [one, other] = [body.visitor.visitorId, await arrive()]
    const headers = { 'X-Session-ID': body.session.sessionId }
    await browser.call('POST', '/api/events', { headers, body: { eventType: 'CONTENT_CLICK' } })
    const { db, tables } = server.storage
    const everything = async () => [
      await db.select().from(tables.eventLogs),
      await db.select().from(tables.userSessions),
      await db.select().from(tables.visits),
      await db.select().from(tables.journeys),
    ]
    const before = await everything()
    await post(one, 'merge', { visitorId: other, ...BECAUSE })
    await post(one, 'split', BECAUSE)
    expect(await everything()).toEqual(before)
  })

  it('is no answer to who came: a browser that observes itself after a merge is told what it would have been', async () => {
    const older = await arrive()
    const browser = createTestBrowser(server)
    const { body } = await browser.call('POST', '/api/sessions', { body: {} })
    await post(body.visitor.visitorId, 'merge', { visitorId: older, ...BECAUSE })
    const { fingerprintSalt } = await server.sites.getDefault()
    const fingerprint = fingerprintOf(createSignals(), fingerprintSalt)
    const completed = await browser.call('POST', '/api/sessions', { body: { fingerprint } })
    expect(completed.body.recognition).toEqual({ method: 'new_user', isReturning: false })
  })

  it('400 request.invalid without a reason, and for a visitor and itself', async () => {
    const visitorId = await arrive()
    for (const body of [{ visitorId: await arrive() }, { visitorId, ...BECAUSE }, { ...BECAUSE }]) {
      const answer = await post(visitorId, 'merge', body)
      expect([answer.status, answer.body.error.code]).toEqual([400, 'request.invalid'])
    }
  })

  it('401 without a key, 403 with one that may only read', async () => {
    const { key: reader } = await server.sites.createKey('default', 'secret', ['visitors:read'])
    const [one, visitorId] = [await arrive(), await arrive()]
    for (const what of ['merge', 'split']) {
      expect((await post(one, what, { visitorId, ...BECAUSE }, {})).status).toBe(401)
      expect((await post(one, what, { visitorId, ...BECAUSE }, bearer(reader))).body.error.code).toBe(
        'keys.scope_missing',
      )
    }
  })

  it('404 visitor.not_found for a foreign site’s, one never issued, and what is no id', async () => {
    const [one, other] = [await arrive(), await arrive()]
    const answers = [
      await post(one, 'merge', { visitorId: other, ...BECAUSE }, bearer(foreignKey)),
      await post(one, 'merge', { visitorId: randomUUID(), ...BECAUSE }),
      await post('nobody', 'merge', { visitorId: one, ...BECAUSE }),
      await post(one, 'merge', { visitorId: 'nobody', ...BECAUSE }),
    ]
    for (const { status, body } of answers)
      expect([status, body.error.code]).toEqual([404, 'visitor.not_found'])
  })

  it('422 visitor.both_hold_keys and visitor.two_users', async () => {
    const { db, tables } = server.storage
    const { id: siteId } = await server.sites.getDefault()
    const [one, other] = [await arrive(), await arrive()]
    for (const visitorId of [one, other]) {
      await db.insert(tables.deviceKeys).values({
        ...{ siteId, keyId: randomUUID(), visitorId, publicJwk: {}, revokedAtMs: null },
        ...{ createdAtMs: 1, lastUsedAtMs: 1 },
      })
    }
    const refused = await post(one, 'merge', { visitorId: other, ...BECAUSE })
    expect([refused.status, refused.body.error.code]).toEqual([422, 'visitor.both_hold_keys'])

    const signUp = async () => {
      const browser = createTestBrowser(server)
      const { body } = await browser.call('POST', '/api/sessions', { body: {} })
      const request = { email: `${randomUUID()}@example.com`, password: 'correct horse battery staple' }
      await browser.call('POST', '/api/users/signup', { body: request })
      return body.visitor.visitorId
    }
    const two = await post(await signUp(), 'merge', { visitorId: await signUp(), ...BECAUSE })
    expect([two.status, two.body.error.code]).toEqual([422, 'visitor.two_users'])
  })

  it('422 visitor.day_scoped for somebody who is not to be recognised tomorrow', async () => {
    await createTestBrowser(server).call('POST', '/api/sessions', { body: {}, headers: { 'Sec-GPC': '1' } })
    const { db, tables } = server.storage
    const ofDay = (await db.select().from(tables.userSessions)).find(({ mode }) => mode === 'cookieless')
    const answer = await post(await arrive(), 'merge', { visitorId: ofDay?.visitorId ?? '', ...BECAUSE })
    expect([answer.status, answer.body.error.code]).toEqual([422, 'visitor.day_scoped'])
  })
})

describe('POST /api/visitors/:id/split', () => {
  it('200 undoes one link by its id, with its reason, and once more nothing', async () => {
    const [one, other] = [await arrive(), await arrive()]
    const { body: merged } = await post(one, 'merge', { visitorId: other, ...BECAUSE })
    const asked = { linkId: merged.link.linkId, reason: 'not the same after all' }
    const { status, body } = await post(other, 'split', asked)
    expect(status).toBe(200)
    expect(body.undone).toMatchObject([{ linkId: asked.linkId, undoneReason: asked.reason }])
    expect((await post(other, 'split', asked)).body.undone).toEqual([])
    const { body: seen } = await get(one)
    expect(seen.person.visitors).toBe(1)
    expect(seen.links[0].changes.map(({ what }: { what: string }) => what)).toEqual(['made', 'undone'])
  })

  it('200 parts two visitors, or one from all', async () => {
    const [one, other, third] = [await arrive(), await arrive(), await arrive()]
    await post(one, 'merge', { visitorId: other, ...BECAUSE })
    await post(one, 'merge', { visitorId: third, ...BECAUSE })
    expect((await post(one, 'split', { visitorId: other, ...BECAUSE })).body.undone).toHaveLength(1)
    expect((await get(one)).body.person.visitors).toBe(2)
    expect((await post(third, 'split', BECAUSE)).body.undone).toHaveLength(1)
    expect((await get(one)).body.person.visitors).toBe(1)
  })

  it('400 request.invalid for a link and a visitor together', async () => {
    const [one, visitorId] = [await arrive(), await arrive()]
    const { status } = await post(one, 'split', { linkId: randomUUID(), visitorId, ...BECAUSE })
    expect(status).toBe(400)
  })

  it('400 request.invalid for a visitor and itself, and nothing is written', async () => {
    const one = await arrive()
    const { status, body } = await post(one, 'split', { visitorId: one.toUpperCase(), ...BECAUSE })
    expect([status, body.error?.code]).toEqual([400, 'request.invalid'])
    expect((await get(one)).body.links).toEqual([])
  })

  it('404 for a foreign site’s visitor and for a link that is none of this visitor', async () => {
    const [one, other, third] = [await arrive(), await arrive(), await arrive()]
    const { body } = await post(one, 'merge', { visitorId: other, ...BECAUSE })
    const foreign = await post(one, 'split', BECAUSE, bearer(foreignKey))
    expect([foreign.status, foreign.body.error.code]).toEqual([404, 'visitor.not_found'])
    for (const linkId of [body.link.linkId, randomUUID(), 'none']) {
      const answer = await post(third, 'split', { linkId, ...BECAUSE })
      expect([answer.status, answer.body.error.code]).toEqual([404, 'visitor.link_not_found'])
    }
    expect((await get(one)).body.person.visitors).toBe(2)
  })
})
