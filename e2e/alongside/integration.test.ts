import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApp as createAppBefore } from './app.ts'
import { createApp } from './app-with-hello-again.ts'
import { bearer, openShop, type Shop } from './shop-under-test.ts'

/** As much as a desktop browser shows; document 000 uses a fingerprint from a confidence of 60 on. */
const RICH_BROWSER = {
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  platform: 'Linux x86_64',
  screenResolution: [2560, 1440],
  timezone: 'Europe/Berlin',
  languages: ['de-DE', 'de', 'en'],
  hardwareConcurrency: 12,
  deviceMemory: 8,
  canvas: '0f3a9c1be2d44f5a8b7c6d5e4f3a2b1c',
  webgl: { vendor: 'Intel', renderer: 'ANGLE (Intel, Mesa Intel(R) Iris(R) Xe Graphics, OpenGL 4.6)' },
  gpuRenderer: 'ANGLE (Intel, Mesa Intel(R) Iris(R) Xe Graphics, OpenGL 4.6)',
  fonts: ['DejaVu Sans', 'Liberation Mono', 'Noto Serif', 'Ubuntu'],
  audio: 124.04347527516074,
}
const POOR_BROWSER = { userAgent: 'test', screenResolution: [1920, 1080] }

let shop: Shop
beforeEach(async () => {
  shop = await openShop(createApp)
})
afterEach(() => shop.close())

const anonymous = (body: unknown, headers: Record<string, string> = {}) =>
  shop.call('POST', '/api/auth/anonymous', { body, headers })
const preferencesOf = (id: number) =>
  JSON.parse(String(shop.db.prepare('SELECT preferences FROM users WHERE id = ?').pluck().get(id)))

describe('what the integration costs', () => {
  it('is at most 15 lines added or changed', async () => {
    const linesOf = async (name: string) =>
      (await readFile(new URL(name, import.meta.url), 'utf8'))
        .split('\n')
        .filter((line) => line.trim() !== '')
    const before = await linesOf('./app.ts')
    const after = await linesOf('./app-with-hello-again.ts')
    const changed = after.length - commonLines(before, after)
    expect(changed).toBeGreaterThan(0)
    expect(changed).toBeLessThanOrEqual(15)
    // Every line that is gone was changed, not thrown away.
    expect(before.length - commonLines(before, after)).toBeLessThanOrEqual(changed)
  })

  it('is no change to their tables', async () => {
    const schema = "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    const untouched = await openShop(createAppBefore)
    expect(shop.db.prepare(schema).all()).toEqual(untouched.db.prepare(schema).all())
    await untouched.close()
  })

  it('is no header and no cookie on their own answers', async () => {
    const untouched = await openShop(createAppBefore)
    const names = async (of: Shop) => [...(await of.call('GET', '/nowhere')).headers.keys()].sort()
    expect(await names(shop)).toEqual(await names(untouched))
    const answer = await anonymous({ device_id: 'test123', raw_fingerprint_data: RICH_BROWSER })
    expect(answer.headers.get('set-cookie')).toBeNull()
    await untouched.close()
  })
})

describe('what the integration adds', () => {
  it('passes the tests of document 000', async () => {
    expect((await anonymous({ device_id: 'test123' })).status).toBe(200)
    const { body: result } = await anonymous({ device_id: 'test123', raw_fingerprint_data: POOR_BROWSER })
    expect(result).toHaveProperty('ums_data')
    expect(result.ums_data.fingerprint_confidence).toBeGreaterThan(0)
  })

  it('keeps the journey in the preferences, beside what the shop keeps there', async () => {
    const { body } = await anonymous({ device_id: 'test123' })
    await shop.call('PUT', '/api/me/theme', { body: { theme: 'dark' }, ...bearer(body.access_token) })
    expect(preferencesOf(body.user_id)).toMatchObject({
      device_id: 'test123',
      theme: 'dark',
      ums_journey: { user_type: 'anonymous', journey_stage: 'first_visit', progression_history: [] },
    })
  })

  it('greets a person whose device id was wiped, and gives them no other user', async () => {
    const first = await anonymous({ device_id: 'first', raw_fingerprint_data: RICH_BROWSER })
    expect(first.body).toMatchObject({ is_returning: false, recognition_method: 'new_user' })
    expect(first.body.fingerprint_confidence).toBeGreaterThanOrEqual(60)
    const again = await anonymous({ device_id: 'second', raw_fingerprint_data: RICH_BROWSER })
    expect(again.body).toMatchObject({
      is_returning: true,
      recognition_method: 'fingerprint_recognized',
      ums_data: { user_type: 'returning', journey_stage: 'engaged' },
    })
    expect(again.body.user_id).not.toBe(first.body.user_id)
    expect(preferencesOf(again.body.user_id).ums_journey.progression_history).toMatchObject([
      { from_type: 'anonymous', to_type: 'returning' },
    ])
    expect(preferencesOf(first.body.user_id).ums_journey).toMatchObject({ user_type: 'anonymous' })
  })

  it('recognises nobody by an observation below 60', async () => {
    await anonymous({ device_id: 'first', raw_fingerprint_data: POOR_BROWSER })
    const { body } = await anonymous({ device_id: 'second', raw_fingerprint_data: POOR_BROWSER })
    expect(body.fingerprint_confidence).toBeLessThan(60)
    expect(body).toMatchObject({ is_returning: false, recognition_method: 'new_user' })
  })

  it('keeps nothing and looks at nothing under Global Privacy Control', async () => {
    const { body } = await anonymous(
      { device_id: 'test123', raw_fingerprint_data: RICH_BROWSER },
      { 'Sec-GPC': '1' },
    )
    expect(body).toMatchObject({ is_returning: false, fingerprint_confidence: 0 })
    expect(preferencesOf(body.user_id)).toEqual({ device_id: 'test123', theme: 'light' })
    expect(shop.db.prepare('SELECT browser_fingerprint FROM users').pluck().all()).toEqual([null])
  })

  it('moves the journey to registered when the shop registers somebody', async () => {
    const { body } = await anonymous({ device_id: 'test123' })
    const login = { email: 'ada@example.com', password: 'a password of the shop' }
    await shop.call('POST', '/api/auth/register', { body: login, ...bearer(body.access_token) })
    expect(preferencesOf(body.user_id).ums_journey).toMatchObject({
      user_type: 'registered',
      journey_stage: 'converted',
    })
  })

  it('answers analytics to the person themselves, and the same 404 for anybody else’s and for nobody’s', async () => {
    const ada = (await anonymous({ device_id: 'ada' })).body
    const bob = (await anonymous({ device_id: 'bob' })).body
    const tracked = await shop.call('POST', '/api/ums/activities', {
      body: { activity_type: 'CHAT_START' },
      ...bearer(ada.access_token),
    })
    expect(tracked.status).toBe(201)
    const own = await shop.call('GET', `/api/ums/analytics/${ada.user_id}`, bearer(ada.access_token))
    expect(own.status).toBe(200)
    expect(own.body).toMatchObject({
      user_type: 'anonymous',
      current_stage: 'first_visit',
      total_sessions: 1,
      engagement_indicators: { has_conversations: true, has_multiple_sessions: false },
    })
    const plain = await shop.call('GET', `/api/ums/analytics/${bob.user_id}`, bearer(bob.access_token))
    expect(own.body.conversion_score).toBeGreaterThan(plain.body.conversion_score)
    const foreign = await shop.call('GET', `/api/ums/analytics/${bob.user_id}`, bearer(ada.access_token))
    const unknown = await shop.call('GET', '/api/ums/analytics/99999', bearer(ada.access_token))
    expect([foreign.status, foreign.body.error]).toEqual([404, unknown.body.error])
    expect((await shop.call('GET', `/api/ums/analytics/${ada.user_id}`)).status).toBe(401)
  })

  it('believes no journey that was written by hand', async () => {
    const { body } = await anonymous({ device_id: 'test123' })
    const forged = preferencesOf(body.user_id)
    forged.ums_journey.user_type = 'registered'
    forged.ums_journey.journey_stage = 'converted'
    shop.db.prepare('UPDATE users SET preferences = ? WHERE id = ?').run(JSON.stringify(forged), body.user_id)
    const answer = await shop.call('GET', `/api/ums/analytics/${body.user_id}`, bearer(body.access_token))
    expect(answer.body).toMatchObject({ user_type: 'anonymous', journey_stage: 'first_visit' })
  })

  it('serves the browser SDK beside the shop’s own body parser', async () => {
    const sessionId = crypto.randomUUID()
    const headers = { 'X-Session-ID': sessionId }
    const opened = await shop.call('POST', '/api/sessions', { body: { metadata: { page: '/' } }, headers })
    expect([opened.status, opened.body.success]).toEqual([200, true])
    const event = { eventType: 'PAGE_VIEW', payload: { page: '/' } }
    const sent = await shop.call('POST', '/api/events', { body: event, headers })
    expect([sent.status, sent.body.accepted]).toEqual([202, 1])
  })

  it('goes on greeting when a body is nothing like the contract', async () => {
    const { status, body } = await anonymous({ device_id: 'test123', raw_fingerprint_data: 'nonsense' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ is_returning: false, fingerprint_confidence: 0 })
  })
})

/** Length of the longest common subsequence of lines: what a diff leaves unmarked. */
function commonLines(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const line of a) {
    const next = [0]
    for (const [index, other] of b.entries()) {
      next.push(line === other ? (row[index] ?? 0) + 1 : Math.max(next[index] ?? 0, row[index + 1] ?? 0))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
