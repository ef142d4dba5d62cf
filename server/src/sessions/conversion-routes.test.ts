import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser, type TestBrowser } from '../testing/test-browser.ts'

const DAY_MS = 86_400_000
let server: StartedServer
let backEnd: TestBrowser
let key: { Authorization: string }

beforeAll(async () => {
  server = await startServer()
  backEnd = createTestBrowser(server)
  const { key: secret } = await server.sites.createKey('default', 'secret', ['conversions:write'])
  key = { Authorization: `Bearer ${secret}` }
})
afterAll(() => server.close())

async function arrive(body: object = {}) {
  const browser = createTestBrowser(server)
  const opened = await browser.call('POST', '/api/sessions', { body })
  return { browser, sessionId: opened.body.session.sessionId as string }
}

const convert = (body: object) => backEnd.call('POST', '/api/conversions', { body, headers: key })

describe('POST /api/conversions', () => {
  it('200 links the session and the earlier ones of its visitor, and tells what led there', async () => {
    const { browser, sessionId } = await arrive({
      metadata: { page: '/landing?utm_source=news', referrer: 'https://search.example/?q=x' },
    })
    server.clock.advance(31 * DAY_MS)
    const again = await browser.call('POST', '/api/sessions', { body: { metadata: { page: '/buy' } } })
    const current: string = again.body.session.sessionId
    expect(current).not.toBe(sessionId)
    const { status, body } = await convert({ sessionId: current, userId: 'crm-1' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      sessionId: current,
      firstTouch: { page: '/landing', referrer: 'search.example', utm: { source: 'news' } },
      lastTouch: { page: '/buy' },
      linkedSessions: [sessionId, current],
    })
    const { body: user } = await browser.call('GET', `/api/sessions/${current}/user`)
    expect(user.session.userId).toBe(body.convertedUser)
  })

  it('200 answers the same again when it is asked again', async () => {
    const { sessionId } = await arrive()
    const first = await convert({ sessionId, userId: 'crm-2' })
    server.clock.advance(60_000)
    const second = await convert({ sessionId, userId: 'crm-2' })
    expect(second.body).toEqual(first.body)
  })

  it('200 moves the journey to registered and converted', async () => {
    const { browser, sessionId } = await arrive()
    await convert({ sessionId, userId: 'crm-3' })
    const { body } = await browser.call('POST', '/api/sessions', { body: {} })
    expect(body.journey).toMatchObject({ user_type: 'registered', journey_stage: 'converted' })
  })

  it('200 is one user’s when two convert the session at once', async () => {
    const { sessionId } = await arrive()
    const both = await Promise.all(['crm-a', 'crm-b'].map((userId) => convert({ sessionId, userId })))
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  it('200 takes a user’s own token with the session it proves', async () => {
    const { browser } = await arrive()
    const signedUp = await browser.call('POST', '/api/users/signup', {
      body: { email: 'ada@example.com', password: 'correct horse battery staple' },
    })
    const { access_token: token, session } = signedUp.body
    const headers = { Authorization: `Bearer ${token}`, 'X-Session-ID': session.sessionId }
    const { status, body } = await browser.call('POST', '/api/conversions', { headers, body: {} })
    expect([status, body.sessionId, body.convertedUser]).toEqual([200, session.sessionId, session.userId])
    const { sessionId: other } = await arrive()
    const stolen = await browser.call('POST', '/api/conversions', { headers, body: { sessionId: other } })
    expect([stolen.status, stolen.body.error.code]).toEqual([403, 'session.proof_required'])
  })

  it('400 request.invalid names what is missing', async () => {
    const { status, body } = await convert({ sessionId: randomUUID() })
    expect([status, body.error.issues]).toEqual([400, [{ path: 'userId', message: 'Required.' }]])
  })

  it('401 auth.token_required without a token', async () => {
    const { browser, sessionId } = await arrive()
    const { status, body } = await browser.call('POST', '/api/conversions', {
      body: { sessionId, userId: 'x' },
    })
    expect([status, body.error.code]).toEqual([401, 'auth.token_required'])
  })

  it('403 keys.scope_missing for a secret key without conversions:write', async () => {
    const { key: reader } = await server.sites.createKey('default', 'secret', ['sessions:read'])
    const { status } = await backEnd.call('POST', '/api/conversions', {
      headers: { Authorization: `Bearer ${reader}` },
      body: { sessionId: randomUUID(), userId: 'x' },
    })
    expect(status).toBe(403)
  })

  it('404 conversion.session_not_found for an id never issued', async () => {
    const { status, body } = await convert({ sessionId: randomUUID(), userId: 'crm-1' })
    expect([status, body.error.code]).toEqual([404, 'conversion.session_not_found'])
  })

  it('409 conversion.already_linked for a session of another user', async () => {
    const { sessionId } = await arrive()
    await convert({ sessionId, userId: 'crm-4' })
    const { status, body } = await convert({ sessionId, userId: 'crm-5' })
    expect([status, body.error.code]).toEqual([409, 'conversion.already_linked'])
  })
})
