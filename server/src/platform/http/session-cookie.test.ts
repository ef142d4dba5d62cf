import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createServerKeys } from '../crypto/server-keys.ts'
import { createSessionCookie } from './session-cookie.ts'

const keys = createServerKeys('a'.repeat(40))
const requestWith = (cookie: string) => ({ headers: { cookie } }) as unknown as IncomingMessage
const pairOf = (header: string) => header.split(';')[0] ?? ''

describe('session cookie', () => {
  const cookie = createSessionCookie(keys, { isSecure: false })
  const secret = cookie.newSecret()
  const value = pairOf(cookie.header(secret, 60))

  it('reads back what it issued, every time', () => {
    expect(cookie.read(requestWith(value))).toBe(secret)
    expect(cookie.read(requestWith(`a=b; ${value}; c=d`))).toBe(secret)
  })

  it.each([
    ['a secret somebody made up', `ha_session=${'A'.repeat(43)}.${value.split('.')[1]}`],
    ['another mark', `${value.slice(0, -2)}AA`],
    ['no mark', `ha_session=${secret}`],
    ['an empty mark', `ha_session=${secret}.`],
    ['a secret of another length', `ha_session=${'A'.repeat(9000)}.${value.split('.')[1]}`],
    ['no secret', 'ha_session=.'],
    ['no cookie', 'other=1'],
  ])('takes nothing from %s', (_what, header) => {
    expect(cookie.read(requestWith(header))).toBeUndefined()
  })

  it('is Secure and bound to the host outside loopback', () => {
    const header = createSessionCookie(keys, { isSecure: true }).header(secret, 60)
    expect(header).toMatch(/^__Host-ha_session=.+; Max-Age=60; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  })

  it('stores another hash on every site, never the secret', () => {
    expect(cookie.hash('a', secret)).toBe(cookie.hash('a', secret))
    expect(cookie.hash('a', secret)).not.toBe(cookie.hash('b', secret))
    expect(cookie.hash('a', secret)).not.toContain(secret)
  })
})
