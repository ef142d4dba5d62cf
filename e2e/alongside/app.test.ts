import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApp as createAppBefore } from './app.ts'
import { createApp as createAppAfter } from './app-with-hello-again.ts'
import { bearer, openShop, type Shop } from './shop-under-test.ts'

// The shop's own tests. Not a line of them knows of Hello Again.
describe.each([
  ['before', createAppBefore],
  ['after', createAppAfter],
])('the shop, %s Hello Again', (_when, createApp) => {
  let shop: Shop
  beforeEach(async () => {
    shop = await openShop(createApp)
  })
  afterEach(() => shop.close())

  const anonymous = async (device_id: string) =>
    (await shop.call('POST', '/api/auth/anonymous', { body: { device_id } })).body

  it('lets a device in, and knows it again', async () => {
    const response = await shop.call('POST', '/api/auth/anonymous', { body: { device_id: 'test123' } })
    expect(response.status).toBe(200)
    expect(response.body.access_token).toBeTruthy()
    expect((await anonymous('test123')).user_id).toBe(response.body.user_id)
    expect((await anonymous('another')).user_id).not.toBe(response.body.user_id)
  })

  it('wants a device id', async () => {
    const response = await shop.call('POST', '/api/auth/anonymous', { body: {} })
    expect([response.status, response.body]).toEqual([400, { error: 'device_id is missing' }])
  })

  it('registers a visitor and logs them in', async () => {
    const { user_id, access_token } = await anonymous('test123')
    const login = { email: 'ada@example.com', password: 'a password of the shop' }
    const registered = await shop.call('POST', '/api/auth/register', { body: login, ...bearer(access_token) })
    expect([registered.status, registered.body]).toEqual([201, { user_id, email: 'ada@example.com' }])
    const loggedIn = await shop.call('POST', '/api/auth/login', { body: login })
    expect([loggedIn.status, loggedIn.body]).toEqual([200, { user_id, access_token }])
  })

  it('refuses a wrong password, a forged token and an address that is taken', async () => {
    const login = { email: 'ada@example.com', password: 'a password of the shop' }
    const first = await anonymous('first')
    const second = await anonymous('second')
    await shop.call('POST', '/api/auth/register', { body: login, ...bearer(first.access_token) })
    const wrong = await shop.call('POST', '/api/auth/login', { body: { ...login, password: 'guessed' } })
    expect(wrong.status).toBe(401)
    expect((await shop.call('GET', '/api/me', bearer(`${first.user_id}.forged`))).status).toBe(401)
    const taken = await shop.call('POST', '/api/auth/register', {
      body: login,
      ...bearer(second.access_token),
    })
    expect(taken.status).toBe(409)
  })

  it('keeps a theme', async () => {
    const { user_id, access_token } = await anonymous('test123')
    expect((await shop.call('GET', '/api/me', bearer(access_token))).body.theme).toBe('light')
    await shop.call('PUT', '/api/me/theme', { body: { theme: 'dark' }, ...bearer(access_token) })
    expect((await shop.call('GET', '/api/me', bearer(access_token))).body).toEqual({
      user_id,
      email: null,
      theme: 'dark',
    })
  })

  it('answers in its own words where there is no page', async () => {
    const response = await shop.call('GET', '/nowhere')
    expect([response.status, response.body]).toEqual([404, { error: 'the shop knows no such page' }])
  })
})
