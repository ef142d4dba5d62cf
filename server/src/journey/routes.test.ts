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

describe('GET /api/ums/analytics/:user_id', () => {
  it('answers the person themselves under both names of type and stage', async () => {
    const { body: me } = await anonymous({ device_id: 'mine' })
    const { status, body } = await call('GET', `/api/ums/analytics/${me.user_id}`, bearer(me.access_token))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      user_id: me.user_id,
      user_type: 'anonymous',
      current_type: 'anonymous',
      journey_stage: 'first_visit',
      current_stage: 'first_visit',
      total_sessions: 1,
      engagement_indicators: {
        has_multiple_sessions: false,
        has_conversations: false,
        days_since_first_visit: 0,
      },
    })
    expect(body.conversion_score).toBeGreaterThanOrEqual(0)
    expect(body.conversion_score).toBeLessThanOrEqual(100)
  })

  it('counts visits and days as they pass', async () => {
    const first = await anonymous({ device_id: 'mine' })
    for (let day = 1; day <= 2; day += 1) {
      server.clock.advance(DAY_MS)
      await anonymous({ device_id: 'mine' }, { Cookie: first.cookie ?? '' })
    }
    const { body: me } = await anonymous({ device_id: 'mine' }, { Cookie: first.cookie ?? '' })
    const { body } = await call('GET', `/api/ums/analytics/${me.user_id}`, bearer(me.access_token))
    expect(body).toMatchObject({
      current_type: 'returning',
      current_stage: 'engaged',
      total_sessions: 3,
      engagement_indicators: {
        has_multiple_sessions: true,
        days_since_first_visit: 2,
        days_since_last_visit: 0,
      },
    })
  })

  it('answers the same 404 for another visitor, a user, an id never issued and no id at all', async () => {
    const { body: me } = await anonymous({ device_id: 'mine' })
    const { body: other } = await anonymous({ device_id: 'theirs' })
    const ids = [other.user_id, '00000000-0000-7000-8000-000000000000', 'nonsense', '%00']
    for (const id of ids) {
      const { status, body } = await call('GET', `/api/ums/analytics/${id}`, bearer(me.access_token))
      expect([status, body.error]).toEqual([404, { code: 'ums.not_found', message: 'No such user.' }])
    }
  })

  it('asks for a token, and takes none that was tampered with', async () => {
    const { body: me } = await anonymous({ device_id: 'mine' })
    const bare = await call('GET', `/api/ums/analytics/${me.user_id}`)
    expect([bare.status, bare.body.error.code]).toEqual([401, 'auth.token_required'])
    const forged = await call('GET', `/api/ums/analytics/${me.user_id}`, bearer(`${me.access_token}x`))
    expect([forged.status, forged.body.error.code]).toEqual([401, 'auth.token_invalid'])
  })

  it('answers a secret key with the scope, for the ids of its own site only', async () => {
    const { body: me } = await anonymous({ device_id: 'mine' })
    const path = `/api/ums/analytics/${me.user_id}`
    const reader = await server.sites.createKey('default', 'secret', ['journey:read'])
    const writer = await server.sites.createKey('default', 'secret', ['events:write'])
    await server.sites.create('elsewhere')
    const stranger = await server.sites.createKey('elsewhere', 'secret', ['journey:read'])
    expect((await call('GET', path, bearer(reader.key))).body).toMatchObject({ user_id: me.user_id })
    const strange = await call('GET', '/api/ums/analytics/a%00b', bearer(reader.key))
    expect([strange.status, strange.body.error.code]).toEqual([404, 'ums.not_found'])
    expect((await call('GET', path, bearer(writer.key))).body.error.code).toBe('keys.scope_missing')
    expect((await call('GET', path, bearer(stranger.key))).body.error.code).toBe('ums.not_found')
  })

  it('merges the visitors of a registered person, by log-in and never by fingerprint', async () => {
    const evidence = { device_id: 'mine', raw_fingerprint_data: RICH_BROWSER }
    const visitor = await anonymous(evidence)
    const token = bearer(visitor.body.access_token).headers
    await call('POST', '/api/ums/activities', { body: { activity_type: 'CHAT_START' }, headers: token })
    const signup = await call('POST', '/api/users/signup', {
      body: { email: 'ada@example.com', firstName: 'Ada' },
      headers: { Cookie: visitor.cookie ?? '' },
    })
    const lookalike = await anonymous(evidence)
    expect(lookalike.body.is_returning).toBe(true)
    const { userId } = signup.body.user
    const { body } = await call('GET', `/api/ums/analytics/${userId}`, bearer(signup.body.access_token))
    expect(body).toMatchObject({
      user_id: userId,
      current_type: 'registered',
      current_stage: 'converted',
      conversion_score: 100,
      total_sessions: 1,
      engagement_indicators: { has_conversations: true, has_profile: true },
      progression_history: [{ from_type: 'anonymous', to_type: 'registered' }],
    })
  })

  it('stays each visitor’s own when two are merged: people are counted by person, which a split undoes', async () => {
    const ids = [await anonymous({ device_id: 'mine' }), await anonymous({ device_id: 'theirs' })].map(
      ({ body }) => String(body.user_id),
    )
    const scopes = ['journey:read', 'visitors:read', 'visitors:write'] as const
    const { key } = await server.sites.createKey('default', 'secret', [...scopes])
    const visitsOf = (id: string) =>
      call('GET', `/api/ums/analytics/${id}`, bearer(key)).then(({ body }) => body.total_sessions)
    const people = async () => {
      const seen = await Promise.all(ids.map((id) => call('GET', `/api/visitors/${id}`, bearer(key))))
      return new Set(seen.map(({ body }) => body.person.visitorId)).size
    }
    const change = (verb: 'merge' | 'split') =>
      call('POST', `/api/visitors/${ids[0]}/${verb}`, {
        body: { visitorId: ids[1], reason: 'a test' },
        ...bearer(key),
      })
    expect((await change('merge')).status).toBe(200)
    expect([await people(), ...(await Promise.all(ids.map(visitsOf)))]).toEqual([1, 1, 1])
    expect((await change('split')).status).toBe(200)
    expect(await people()).toBe(2)
  })
})

describe('POST /api/ums/activities', () => {
  const track = (token: string, body: unknown) =>
    call('POST', '/api/ums/activities', { body, ...bearer(token) })

  it('moves indicators and score of the person whose token it is', async () => {
    const { body: me } = await anonymous({ device_id: 'mine' })
    const read = () => call('GET', `/api/ums/analytics/${me.user_id}`, bearer(me.access_token))
    const before = (await read()).body
    const tracked = await track(me.access_token, {
      activity_type: 'CHAT_START',
      metadata: { topic: 'sizes' },
    })
    expect([tracked.status, tracked.body]).toEqual([
      201,
      { success: true, user_id: me.user_id, activity_type: 'CHAT_START', recorded_at: expect.any(String) },
    ])
    const after = (await read()).body
    expect(after.engagement_indicators).toMatchObject({
      has_conversations: true,
      event_count: before.engagement_indicators.event_count + 1,
    })
    expect(after.conversion_score).toBeGreaterThan(before.conversion_score)
  })

  it('asks for a token', async () => {
    const { status, body } = await call('POST', '/api/ums/activities', {
      body: { activity_type: 'CHAT_START' },
    })
    expect([status, body.error.code]).toEqual([401, 'auth.token_required'])
  })

  it.each([
    ['a type in lower case', { activity_type: 'chat' }, 'request.invalid'],
    ['no type', {}, 'request.invalid'],
    ['metadata that is no object', { activity_type: 'CHAT_START', metadata: 'x' }, 'request.invalid'],
    ['a NUL byte', { activity_type: 'CHAT_START', metadata: { a: '\u0000' } }, 'request.invalid'],
    [
      '33 KiB',
      { activity_type: 'CHAT_START', metadata: { a: 'x'.repeat(33_000) } },
      'event.payload_too_large',
    ],
  ] as const)('refuses %s and stores nothing', async (...[, body, code]) => {
    const { body: me } = await anonymous({ device_id: 'mine' })
    const reply = await track(me.access_token, body)
    expect([reply.status < 500, reply.body.error.code]).toEqual([true, code])
    expect(await server.storage.db.select().from(server.storage.tables.eventLogs)).toEqual([])
  })

  it('answers 404 once the session of the token is gone', async () => {
    const first = await anonymous({ device_id: 'mine' })
    const erased = await call('DELETE', `/api/sessions/${first.body.session_id}`, {
      headers: { Cookie: first.cookie ?? '' },
    })
    expect(erased.status).toBeLessThan(300)
    const reply = await track(first.body.access_token, { activity_type: 'CHAT_START' })
    expect([reply.status, reply.body.error.code]).toEqual([404, 'ums.not_found'])
  })
})
