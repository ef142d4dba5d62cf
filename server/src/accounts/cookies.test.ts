import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { newId } from '../platform/ids.ts'
import { SECRET } from '../testing/account-world.ts'
import { createAccountCookies } from './cookies.ts'

const cookies = createAccountCookies(createServerKeys(SECRET), { isSecure: false })
const [site, another] = [newId(), newId()]

const sending = (cookie: string) => ({ headers: { cookie } }) as IncomingMessage
const pairOf = (header: string) => header.split(';', 1)[0] ?? ''

it('reads back the users it wrote, the last one first and four at most', () => {
  const users = Array.from({ length: 6 }, newId)
  let known: string[] = []
  for (const user of users)
    known = cookies.readKnown(sending(pairOf(cookies.knownHeader(site, user, known))), site)
  expect(known).toEqual(users.slice(2).reverse())
  const again = cookies.knownHeader(site, users[3] ?? '', known)
  expect(cookies.readKnown(sending(pairOf(again)), site)).toEqual([users[3], users[5], users[4], users[2]])
})

it('vouches for nobody at another site, and keeps no entry of it', () => {
  const header = pairOf(cookies.knownHeader(site, newId(), []))
  expect(cookies.readKnown(sending(header), another)).toEqual([])
})

it('vouches for nobody whom this server did not write there', () => {
  const [genuine, victim] = [newId(), newId()]
  const header = pairOf(cookies.knownHeader(site, genuine, []))
  const mark = header.split('.')[1]
  const stranger = createAccountCookies(createServerKeys(`${SECRET}-of-another-server`), { isSecure: false })
  const forged = [
    `ha_known=${victim}.${mark}`,
    `ha_known=${victim}.`,
    `ha_known=${victim}`,
    `ha_known=${header.slice(9)}x`,
    pairOf(stranger.knownHeader(site, victim, [])),
    'ha_known=',
    'ha_known=~~~~~~',
    'ha_known=%00.%00~',
    `ha_known=${'a.b~'.repeat(1000)}`,
    `other_ha_known=${header.slice(9)}`,
  ]
  for (const cookie of forged) expect(cookies.readKnown(sending(cookie), site)).toEqual([])
})

it('takes the refresh token from its own cookie only, and an empty one for none', () => {
  expect(cookies.readRefresh(sending('a=1; ha_refresh=rt_x; b=2'))).toBe('rt_x')
  for (const cookie of ['ha_refresh=', 'x_ha_refresh=rt_x', '__Host-ha_refresh=rt_x', 'ha_refresh']) {
    expect(cookies.readRefresh(sending(cookie))).toBeUndefined()
  }
  expect(cookies.readRefresh({ headers: {} } as IncomingMessage)).toBeUndefined()
})

it('R26 takes on https no cookie that plain http or a subdomain could have planted', () => {
  const secure = createAccountCookies(createServerKeys(SECRET), { isSecure: true })
  expect(secure.readRefresh(sending('ha_refresh=rt_x'))).toBeUndefined()
  expect(secure.readKnown(sending(pairOf(cookies.knownHeader(site, newId(), []))), site)).toEqual([])
  expect(secure.clearRefreshHeader()).toBe(
    '__Host-ha_refresh=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
  )
})
