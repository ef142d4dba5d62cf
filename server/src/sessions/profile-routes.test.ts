import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const DAY_MS = 86_400_000
let server: StartedServer
let secret: string

beforeAll(async () => {
  server = await startServer()
  secret = (await server.sites.createKey('default', 'secret', ['sessions:read', 'sessions:write'])).key
})
afterAll(() => server.close())

const withKey = (key: string) => ({ Authorization: `Bearer ${key}` })

/** A browser with an open session. */
async function arrive() {
  const browser = createTestBrowser(server)
  const opened = await browser.call('POST', '/api/sessions', { body: {} })
  return { browser, sessionId: opened.body.session.sessionId as string }
}

describe('GET /api/sessions/:sessionId/user', () => {
  it('200 answers what the person told, to whoever proves the session', async () => {
    const { browser, sessionId } = await arrive()
    await browser.call('PATCH', `/api/sessions/${sessionId}/profile`, {
      body: { firstName: 'Ada', age: '25-30' },
    })
    const { body } = await browser.call('GET', `/api/sessions/${sessionId}/user`)
    expect(body).toMatchObject({
      success: true,
      restricted: false,
      session: { sessionId, userData: { firstName: 'Ada', age: '25-30' } },
    })
    const backEnd = await createTestBrowser(server).call('GET', `/api/sessions/${sessionId}/user`, {
      headers: withKey(secret),
    })
    expect(backEnd.body.session.userData).toEqual({ firstName: 'Ada', age: '25-30' })
  })

  it('200 answers a back end about a session that it opened itself, and nobody else', async () => {
    const backEnd = createTestBrowser(server)
    const headers = withKey(secret)
    const opened = await backEnd.call('POST', '/api/sessions', { headers, body: {} })
    expect(opened.setCookies).toEqual([])
    const path = `/api/sessions/${opened.body.session.sessionId}`
    await backEnd.call('PATCH', `${path}/profile`, { headers, body: { firstName: 'Ada' } })
    expect((await backEnd.call('GET', `${path}/user`, { headers })).body.session.userData).toEqual({
      firstName: 'Ada',
    })
    expect((await createTestBrowser(server).call('GET', `${path}/user`)).body.restricted).toBe(true)
  })

  it('400 session.id_invalid for a path that is no UUID', async () => {
    const { status, body } = await createTestBrowser(server).call('GET', '/api/sessions/nope/user')
    expect([status, body.error.code]).toEqual([400, 'session.id_invalid'])
  })

  it('403 keys.scope_missing for a secret key without sessions:read', async () => {
    const { key } = await server.sites.createKey('default', 'secret', ['visitors:read'])
    const { sessionId } = await arrive()
    const { status, body } = await createTestBrowser(server).call('GET', `/api/sessions/${sessionId}/user`, {
      headers: withKey(key),
    })
    expect([status, body.error.code]).toEqual([403, 'keys.scope_missing'])
  })

  it('410 session.expired, with proof only', async () => {
    const { browser, sessionId } = await arrive()
    server.clock.advance(31 * DAY_MS)
    const { status, body } = await browser.call('GET', `/api/sessions/${sessionId}/user`)
    expect([status, body.error.code]).toEqual([410, 'session.expired'])
    const other = await createTestBrowser(server).call('GET', `/api/sessions/${sessionId}/user`)
    expect([other.status, other.body.restricted]).toEqual([200, true])
  })
})

describe('PATCH /api/sessions/:sessionId/profile', () => {
  it('200 merges fields and tells how complete the profile is', async () => {
    const { browser, sessionId } = await arrive()
    const path = `/api/sessions/${sessionId}/profile`
    await browser.call('PATCH', path, { body: { email: 'ada@example.com', firstName: 'Ad' } })
    const { body } = await browser.call('PATCH', path, { body: { firstName: 'Ada', shoeSize: 38 } })
    expect(body).toEqual({
      success: true,
      userData: { email: 'ada@example.com', firstName: 'Ada', shoeSize: 38 },
      completion: 25,
    })
  })

  it.each(['password', 'newPassword', 'card_number', 'cvv', 'IBAN', 'otp', 'pin', 'ssn'])(
    '422 profile.field_forbidden for %s, and nothing of the request is kept',
    async (field) => {
      const { browser, sessionId } = await arrive()
      const { status, body } = await browser.call('PATCH', `/api/sessions/${sessionId}/profile`, {
        body: { firstName: 'Ada', [field]: 'x' },
      })
      expect([status, body.error.code]).toEqual([422, 'profile.field_forbidden'])
      expect(body.error.issues).toEqual([{ path: field, message: 'Not a profile field.' }])
      const { body: read } = await browser.call('GET', `/api/sessions/${sessionId}/user`)
      expect(read.session.userData).toBeNull()
    },
  )

  it('422 profile.too_many_fields beyond 64', async () => {
    const { browser, sessionId } = await arrive()
    const path = `/api/sessions/${sessionId}/profile`
    const fields = (from: number) =>
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${from + i}`, i]))
    expect((await browser.call('PATCH', path, { body: fields(0) })).status).toBe(200)
    const { status, body } = await browser.call('PATCH', path, { body: fields(40) })
    expect([status, body.error.code]).toEqual([422, 'profile.too_many_fields'])
  })

  it('400 request.invalid for __proto__ as a field', async () => {
    const { browser, sessionId } = await arrive()
    const { status } = await browser.call('PATCH', `/api/sessions/${sessionId}/profile`, {
      body: '{"__proto__": "x"}',
    })
    expect(status).toBe(400)
  })

  it('403 session.proof_required alike for a known and an unknown id', async () => {
    const { sessionId } = await arrive()
    const stranger = createTestBrowser(server)
    for (const id of [sessionId, randomUUID()]) {
      const { status, body } = await stranger.call('PATCH', `/api/sessions/${id}/profile`, {
        body: { firstName: 'Eve' },
      })
      expect([status, body.error.code]).toEqual([403, 'session.proof_required'])
    }
  })
})

describe('PUT and GET /api/sessions/:sessionId/progress/:name', () => {
  it('200 gives back what was saved last, null where nothing was', async () => {
    const { browser, sessionId } = await arrive()
    const path = `/api/sessions/${sessionId}/progress/quiz`
    expect((await browser.call('GET', path)).body).toEqual({ success: true, progress: null })
    await browser.call('PUT', path, { body: { state: { step: 1 } } })
    await browser.call('PUT', path, { body: { state: { step: 2, answers: ['a', null] } } })
    const { body } = await browser.call('GET', path)
    expect(body.progress).toMatchObject({ name: 'quiz', state: { step: 2, answers: ['a', null] } })
  })

  it('400 request.invalid without a state, and for a state that is no text a database can hold', async () => {
    const { browser, sessionId } = await arrive()
    const path = `/api/sessions/${sessionId}/progress/quiz`
    expect((await browser.call('PUT', path, { body: {} })).status).toBe(400)
    const { status, body } = await browser.call('PUT', path, { body: { state: { a: 'x\0' } } })
    expect([status, body.error.issues[0].path]).toEqual([400, 'state.a'])
  })

  it('413 progress.too_large beyond 32 KiB', async () => {
    const { browser, sessionId } = await arrive()
    const { status, body } = await browser.call('PUT', `/api/sessions/${sessionId}/progress/quiz`, {
      body: { state: 'x'.repeat(32_768) },
    })
    expect([status, body.error.code]).toEqual([413, 'progress.too_large'])
  })

  it('403 session.proof_required without proof, also for reading', async () => {
    const { sessionId } = await arrive()
    const stranger = createTestBrowser(server)
    const path = `/api/sessions/${sessionId}/progress/quiz`
    expect((await stranger.call('GET', path)).status).toBe(403)
    expect((await stranger.call('PUT', path, { body: { state: 1 } })).status).toBe(403)
  })
})

it('S3 tells nothing from before a pause of 30 days, also where sessions live longer than that', async () => {
  const patient = await startServer({ config: { SESSION_EXPIRY: 90 * DAY_MS } })
  try {
    const browser = createTestBrowser(patient)
    const arriveAgain = async () => (await browser.call('POST', '/api/sessions', { body: {} })).body.session
    const { sessionId } = await arriveAgain()
    const path = `/api/sessions/${sessionId}`
    const read = async () => [
      (await browser.call('GET', `${path}/user`)).body.session.userData,
      (await browser.call('GET', `${path}/progress/quiz`)).body.progress?.state,
    ]
    await browser.call('PATCH', `${path}/profile`, { body: { firstName: 'Ada' } })
    await browser.call('PUT', `${path}/progress/quiz`, { body: { state: 3 } })
    patient.clock.advance(29 * DAY_MS)
    expect(await arriveAgain()).toMatchObject({ sessionId, userData: { firstName: 'Ada' } })
    expect(await read()).toEqual([{ firstName: 'Ada' }, 3])
    patient.clock.advance(31 * DAY_MS)
    expect(await read()).toEqual([null, undefined])
    expect(await arriveAgain()).toMatchObject({ sessionId, userData: null })
    expect(await read()).toEqual([null, undefined])
    const told = await browser.call('PATCH', `${path}/profile`, { body: { city: 'Kyiv' } })
    expect(told.body.userData).toEqual({ city: 'Kyiv' })
  } finally {
    await patient.close()
  }
})

it('S3 tells nothing of an account that was linked before a pause of 30 days', async () => {
  const patient = await startServer({ config: { SESSION_EXPIRY: 90 * DAY_MS } })
  try {
    const browser = createTestBrowser(patient)
    const body = { email: 'ada@example.com', firstName: 'Ada' }
    const signedUp = await browser.call('POST', '/api/users/signup', { body })
    const path = `/api/sessions/${signedUp.body.session.sessionId}/user`
    expect((await browser.call('GET', path)).body.session.userData).toMatchObject({ firstName: 'Ada' })
    patient.clock.advance(31 * DAY_MS)
    expect((await browser.call('GET', path)).body.session.userData).toBeNull()
  } finally {
    await patient.close()
  }
})
