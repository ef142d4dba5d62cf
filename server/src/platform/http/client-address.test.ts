import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { createReadClientAddress, parseClientAddress } from './client-address.ts'

it.each([
  ['203.0.113.9', '203.0.113.9', '203.0.113.0/24'],
  ['::ffff:203.0.113.9', '203.0.113.9', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
])('counts %s by %s and stores %s', (text, limitKey, prefix) => {
  expect(parseClientAddress(text)).toMatchObject({ limitKey, prefix })
})

it.each(['unknown', '203.0.113.9:4444', '', 'a'.repeat(500), undefined])(
  'R50 puts what is no address (%s) into one shared bucket',
  (text) => {
    expect(parseClientAddress(text)).toMatchObject({ limitKey: 'unknown', prefix: 'unknown' })
  },
)

const request = (peer: string, forwarded?: string) =>
  ({
    socket: { remoteAddress: peer },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    connection: { remoteAddress: peer },
  }) as unknown as IncomingMessage // only what proxy-addr reads

it('R49 believes no forwarding header without trusted proxies, and the nearest untrusted hop with them', () => {
  const direct = createReadClientAddress([])
  expect(direct(request('198.51.100.7', '203.0.113.9')).limitKey).toBe('198.51.100.7')
  const proxied = createReadClientAddress(['10.0.0.0/8'])
  expect(proxied(request('10.1.2.3', '192.0.2.66, 203.0.113.9')).limitKey).toBe('203.0.113.9')
  expect(proxied(request('198.51.100.7', '203.0.113.9')).limitKey).toBe('198.51.100.7')
})
