import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, createShopper, RICH_BROWSER } from '../testing/shopper.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

const DAY_MS = 86_400_000

let server: StartedServer
beforeEach(async () => {
  server = await startServer()
})
afterEach(() => server.close())

const { anonymous, call } = createShopper(() => server)

describe('the tests of document 000', () => {
  it('Test 1: existing auth still works', async () => {
    const response = await anonymous({ device_id: 'test123' })
    expect(response.status).toBe(200)
  })

  it('Test 2: enhanced auth provides more data', async () => {
    const response = await anonymous({
      device_id: 'test123',
      raw_fingerprint_data: { userAgent: 'test', screenResolution: [1920, 1080] },
    })
    const result = response.body
    expect(result).toHaveProperty('ums_data')
    expect(result.ums_data.fingerprint_confidence).toBeGreaterThan(0)
  })
})

describe('POST /api/auth/anonymous', () => {
  it('lets a new person in with a token, a cookie and a journey at its beginning', async () => {
    const { status, cookie, body } = await anonymous({ device_id: 'mine' })
    expect(status).toBe(200)
    expect(cookie).toBeDefined()
    expect(body).toMatchObject({
      success: true,
      is_returning: false,
      recognition_method: 'new_user',
      token_type: 'Bearer',
      ums_data: {
        user_type: 'anonymous',
        journey_stage: 'first_visit',
        journey: { user_type: 'anonymous', progression_history: [] },
      },
    })
  })

  it('knows the same visitor again by the cookie, and by the token', async () => {
    const first = await anonymous({ device_id: 'mine' })
    const byCookie = await anonymous({ device_id: 'mine' }, { Cookie: first.cookie ?? '' })
    expect(byCookie.body).toMatchObject({
      user_id: first.body.user_id,
      is_returning: true,
      recognition_method: 'cookie',
    })
    expect(byCookie.body.access_token).toBeTruthy()
    const byToken = await anonymous({ device_id: 'other' }, bearer(first.body.access_token).headers)
    expect(byToken.body).toMatchObject({
      user_id: first.body.user_id,
      is_returning: true,
      recognition_method: 'session_token',
    })
  })

  it('moves the journey to returning with the next visit, not with the next page', async () => {
    const first = await anonymous({ device_id: 'mine' })
    const cookie = { Cookie: first.cookie ?? '' }
    const samePage = await anonymous({ device_id: 'mine' }, cookie)
    expect(samePage.body.ums_data.user_type).toBe('anonymous')
    server.clock.advance(DAY_MS)
    const nextDay = await anonymous({ device_id: 'mine' }, cookie)
    expect(nextDay.body.ums_data).toMatchObject({
      user_type: 'returning',
      journey_stage: 'engaged',
      journey: { progression_history: [{ from_type: 'anonymous', to_type: 'returning' }] },
    })
  })

  it.each([
    ['device_id', { device_id: 'mine' }],
    ['fingerprint_recognized', { raw_fingerprint_data: RICH_BROWSER }],
  ])(
    'tells somebody it knows by %s alone that they return, and nothing of the one before',
    async (method, evidence) => {
      const first = await anonymous(evidence)
      const again = await anonymous(evidence)
      expect(again.body).toMatchObject({
        is_returning: true,
        recognition_method: method,
        ums_data: { user_type: 'returning', journey_stage: 'engaged' },
      })
      expect(again.body.user_id).not.toBe(first.body.user_id)
      expect(again.body.session_id).not.toBe(first.body.session_id)
      expect(again.body).not.toHaveProperty('access_token')
      expect(JSON.stringify(again.body)).not.toContain(first.body.user_id)
      expect(JSON.stringify(again.body)).not.toContain(first.body.ums_data.journey.first_visit_at)
    },
  )

  it('reads the fingerprint from the header where the body has none, and trusts no bare hash', async () => {
    const header = { 'X-Device-Fingerprint': 'b'.repeat(32) }
    await anonymous({ device_id: 'mine' }, header)
    const { body } = await anonymous({ device_id: 'theirs' }, header)
    expect(body).toMatchObject({ is_returning: false, recognition_method: 'new_user' })
    expect(body.fingerprint_confidence).toBeGreaterThan(0)
    expect(body.fingerprint_confidence).toBeLessThan(60)
  })

  it('recognises nobody by a fingerprint whose observation is below 60', async () => {
    const poor = { raw_fingerprint_data: { userAgent: 'test', screenResolution: [1920, 1080] } }
    await anonymous(poor)
    expect((await anonymous(poor)).body).toMatchObject({
      is_returning: false,
      recognition_method: 'new_user',
    })
  })

  it('lends a stolen hash no weight, however good the signals beside it', async () => {
    await anonymous({ raw_fingerprint_data: { ...RICH_BROWSER, hash: 'a'.repeat(32) } })
    const forged = await anonymous({
      raw_fingerprint_data: { ...RICH_BROWSER, timezone: 'Asia/Tokyo', hash: 'a'.repeat(32) },
    })
    expect(forged.body).toMatchObject({ is_returning: false, recognition_method: 'new_user' })
    expect(forged.body.fingerprint_confidence).toBeLessThan(60)
  })

  it('gives a session id that somebody else holds to nobody', async () => {
    const first = await anonymous({ device_id: 'mine' })
    const thief = await anonymous({ device_id: 'theirs' }, { 'X-Session-ID': first.body.session_id })
    expect(thief.body.session_id).not.toBe(first.body.session_id)
    expect(thief.body.user_id).not.toBe(first.body.user_id)
    expect(thief.body).toMatchObject({ is_returning: false, recognition_method: 'new_user' })
  })

  it.each([{ 'Sec-GPC': '1' }, { DNT: '1' }])('remembers nothing under %o', async (headers) => {
    const evidence = { device_id: 'mine', raw_fingerprint_data: RICH_BROWSER }
    const first = await anonymous(evidence, headers)
    expect(first.status).toBe(200)
    expect(first.cookie).toBeUndefined()
    expect(first.body).toMatchObject({ is_returning: false, fingerprint_confidence: 0 })
    expect(first.body).not.toHaveProperty('access_token')
    const { tables, db } = server.storage
    for (const table of [tables.visitors, tables.userSessions, tables.journeys, tables.visitorDeviceIds]) {
      expect(await db.select().from(table)).toEqual([])
    }
    expect((await anonymous(evidence)).body).toMatchObject({ is_returning: false })
  })

  it('knows a person who is logged in by their account', async () => {
    const signup = await call('POST', '/api/users/signup', {
      body: { email: 'ada@example.com', firstName: 'Ada' },
    })
    const { body } = await anonymous(
      { device_id: 'mine' },
      { Cookie: signup.cookie ?? '', ...bearer(signup.body.access_token).headers },
    )
    expect(body).toMatchObject({
      user_id: signup.body.user.userId,
      is_returning: true,
      recognition_method: 'email_login',
      ums_data: { user_type: 'registered', journey_stage: 'converted' },
    })
    expect(body).not.toHaveProperty('access_token')
  })

  it.each([
    ['nothing at all', {}],
    ['a device id that is no text', { device_id: 7 }],
    ['an empty device id', { device_id: '' }],
    ['a device id with a NUL byte', { device_id: 'a\u0000b' }],
    ['a device id of 129 characters', { device_id: 'x'.repeat(129) }],
    ['fingerprint data that is a list', { raw_fingerprint_data: [1] }],
  ])('refuses %s as request.invalid', async (_what, body) => {
    const reply = await anonymous(body)
    expect([reply.status, reply.body.error.code]).toEqual([400, 'request.invalid'])
    expect(reply.body.error.issues.length).toBeGreaterThan(0)
  })

  it('refuses __proto__ keys, NUL bytes and lone surrogates anywhere in the fingerprint data', async () => {
    const bodies = [
      '{"raw_fingerprint_data":{"__proto__":{"hash":"aa"}}}',
      '{"raw_fingerprint_data":{"userAgent":"\\u0000"}}',
      '{"raw_fingerprint_data":{"fonts":["\\ud800"]}}',
    ]
    for (const body of bodies) {
      const reply = await anonymous(body)
      expect([reply.status, reply.body.error.code]).toEqual([400, 'request.invalid'])
    }
  })

  it('takes values of the wrong kind as what they are: no evidence', async () => {
    const raw_fingerprint_data = { hash: 'DROP TABLE', screenResolution: ['a', null], canvas: {}, fonts: 7 }
    const { status, body } = await anonymous({ raw_fingerprint_data })
    expect(status).toBe(200)
    expect(body.fingerprint_confidence).toBeLessThan(60)
  })
})
