import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { createIsTarget, type ProofTargetOptions } from './proof-target.ts'

interface Sent {
  readonly url?: string
  readonly originalUrl?: string
  readonly peer?: string
  readonly headers?: Readonly<Record<string, string>>
}

function isTarget(htu: string, options: Partial<ProofTargetOptions>, sent: Sent = {}) {
  const { url = '/api/sessions', originalUrl, peer = '203.0.113.9', headers = {} } = sent
  const judge = createIsTarget({ publicOrigin: undefined, trustedProxies: [], ...options })
  // As much of a request as is looked at.
  const request = { url, originalUrl, headers, socket: { remoteAddress: peer } } as unknown as IncomingMessage
  return judge(htu, request)
}

const PUBLIC = { publicOrigin: 'https://id.shop.example' }

it.each([
  ['https://id.shop.example/api/sessions', true],
  ['https://ID.shop.example:443/api/sessions', true],
  // RFC 9449 §4.3: query and fragment are no part of it.
  ['https://id.shop.example/api/sessions?a=1#b', true],
  ['https://id.shop.example/api/sessions/', false],
  ['http://id.shop.example/api/sessions', false],
  ['https://id.shop.example:444/api/sessions', false],
  ['https://id.shop.example.evil.example/api/sessions', false],
  ['https://id.shop.example@evil.example/api/sessions', false],
  ['/api/sessions', false],
  ['', false],
])('with PUBLIC_URL, %s: %s', (htu, expected) => {
  expect(isTarget(htu, PUBLIC, { headers: { host: 'evil.example' } })).toBe(expected)
})

it('with PUBLIC_URL does not believe the Host of a request', () => {
  expect(isTarget('https://evil.example/api/sessions', PUBLIC, { headers: { host: 'evil.example' } })).toBe(
    false,
  )
})

it('goes by the host of the request where nothing is configured', () => {
  const headers = { host: '127.0.0.1:4400' }
  expect(isTarget('http://127.0.0.1:4400/api/sessions', {}, { headers })).toBe(true)
  expect(isTarget('http://127.0.0.1:4401/api/sessions', {}, { headers })).toBe(false)
  expect(isTarget('http://127.0.0.1:4400/api/sessions', {}, { headers: { host: 'a b' } })).toBe(false)
})

const FORWARDED = {
  host: 'internal:4400',
  'x-forwarded-host': 'id.other.example',
  'x-forwarded-proto': 'https',
}

it('takes the host that a trusted proxy names beside PUBLIC_URL, and from nobody else', () => {
  const options = { ...PUBLIC, trustedProxies: ['10.0.0.0/8'] }
  const ask = (htu: string, peer: string) => isTarget(htu, options, { peer, headers: FORWARDED })
  expect(ask('https://id.other.example/api/sessions', '10.1.2.3')).toBe(true)
  expect(ask('https://id.shop.example/api/sessions', '10.1.2.3')).toBe(true)
  expect(ask('https://id.other.example/api/sessions', '203.0.113.9')).toBe(false)
  expect(ask('https://internal:4400/api/sessions', '203.0.113.9')).toBe(false)
})

it('judges the path the browser asked for, also where a router is mounted below it', () => {
  const sent = { url: '/api/sessions', originalUrl: '/hello/api/sessions?x' }
  expect(isTarget('https://id.shop.example/hello/api/sessions', PUBLIC, sent)).toBe(true)
  expect(isTarget('https://id.shop.example/api/sessions', PUBLIC, sent)).toBe(false)
})
