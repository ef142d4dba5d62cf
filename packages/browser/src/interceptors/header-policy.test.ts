import { describe, expect, it, vi } from 'vitest'
import { createHeaderPolicy, type HeaderPolicyOptions } from './header-policy.ts'

const SHOP = 'https://shop.example'
const API = 'https://api.example'

function policyOf(options: Partial<HeaderPolicyOptions> = {}) {
  return createHeaderPolicy({
    baseUrl: `${SHOP}/cart/`,
    sessionId: () => 'session',
    fingerprint: () => 'fingerprint',
    ...options,
  })
}

const BOTH = { 'X-Session-ID': 'session', 'X-Device-Fingerprint': 'fingerprint' }

describe('where headers go', () => {
  it.each([
    'relative',
    '/absolute',
    `${SHOP}/x`,
    `${SHOP}:443/x`,
    `${SHOP.toUpperCase()}/x`,
    '//shop.example/x',
  ])('the own origin, also written as %s', (address) => {
    expect(policyOf().headersFor(address)).toEqual(BOTH)
  })

  it.each([
    `${SHOP}:8443/x`,
    'http://shop.example/x',
    'https://shop.example.evil.example/x',
    'https://evil.example/?https://shop.example/',
    'https://shop.example@evil.example/x',
    '//evil.example/x',
    String.raw`\\evil.example\x`,
    'blob:https://shop.example/0f',
    'data:text/plain,x',
    'javascript:0',
    'https://',
  ])('W1 never to %s by default', (address) => {
    expect(policyOf().headersFor(address)).toBeUndefined()
  })

  it('nowhere without an address to start from', () => {
    expect(policyOf({ baseUrl: '' }).headersFor('/x')).toBeUndefined()
    const withoutBase = policyOf({
      baseUrl: () => {
        throw new Error('no document')
      },
    })
    expect(withoutBase.headersFor('/x')).toBeUndefined()
  })

  it('W9 the token to named origins only, which get no session for that', () => {
    const policy = policyOf({ accessToken: () => 'token', tokenOrigins: [API] })
    expect(policy.headersFor(`${API}/a`)).toEqual({ Authorization: 'Bearer token' })
    expect(policy.headersFor(`${SHOP}/a`)).toEqual({ 'X-Session-ID': 'session' })
  })

  it('W9 nothing from https to http, whatever a rule says', () => {
    const policy = policyOf({
      accessToken: () => 'token',
      tokenOrigins: [/api\.example/],
      sessionTargets: [() => true],
    })
    expect(policy.headersFor('https://api.example/a')).toHaveProperty('Authorization')
    expect(policy.headersFor('http://api.example/a')).toBeUndefined()
  })

  it('not where an exclusion says so, which outranks every target', () => {
    const policy = policyOf({
      exclude: ['/downloads', /\.csv$/],
      tokenOrigins: [SHOP],
      accessToken: () => 't',
    })
    expect(policy.headersFor('/downloads/1')).toBeUndefined()
    expect(policy.headersFor('/report.csv')).toBeUndefined()
    expect(policy.headersFor('/downloadsx')).toBeDefined()
  })

  it('an expression answers the same every time, also with the g and y flags', () => {
    const policy = policyOf({ sessionTargets: [/^https:\/\/api\.example\//gy] })
    expect([1, 2, 3].map(() => policy.headersFor(`${API}/a`) !== undefined)).toEqual([true, true, true])
  })

  it('a rule that names no origin is told and ignored; one that throws says no', () => {
    const onWarning = vi.fn()
    const broken = () => {
      throw new Error('mine')
    }
    const policy = policyOf({ sessionTargets: ['api.example', { origin: 'api.example' }, broken], onWarning })
    expect(policy.headersFor(`${API}/a`)).toBeUndefined()
    expect(onWarning.mock.calls).toEqual([
      ['rule_ignored', 'api.example'],
      ['rule_ignored', '{"origin":"api.example"}'],
    ])
  })
})

describe('which headers go', () => {
  it('the fingerprint only while there is no token', () => {
    let token: string | null = null
    const policy = policyOf({ accessToken: () => token })
    expect(policy.headersFor('/x')).toEqual(BOTH)
    token = 'token'
    expect(policy.headersFor('/x')).toEqual({ 'X-Session-ID': 'session' })
  })

  it('an empty record where a target is asked before there is anything to say', () => {
    expect(policyOf({ sessionId: () => undefined, fingerprint: () => null }).headersFor('/x')).toEqual({})
  })

  it("the caller's own wins, and a bearer token of his keeps the fingerprint home", () => {
    const policy = policyOf()
    const own = new Headers({ 'x-session-id': 'mine', authorization: 'bearer mine' })
    expect(policy.attach(new URL(SHOP), BOTH, own)).toBe(false)
    expect([...own]).toEqual([
      ['authorization', 'bearer mine'],
      ['x-session-id', 'mine'],
    ])
    const basic = new Headers({ authorization: 'Basic x' })
    expect(policy.attach(new URL(SHOP), BOTH, basic)).toBe(true)
    expect(basic.get('x-device-fingerprint')).toBe('fingerprint')
  })

  it('readers and callbacks that throw cost their header and nothing else', () => {
    const fail = () => {
      throw new Error('storage is gone')
    }
    const policy = policyOf({
      sessionId: fail,
      accessToken: fail,
      onServerFingerprint: fail,
      onWarning: fail,
    })
    expect(policy.headersFor('/x')).toEqual({ 'X-Device-Fingerprint': 'fingerprint' })
    policy.takeIn('/x', () => 'made')
    policy.takeIn('/x', fail)
    policy.answered({ url: new URL(`${SHOP}/x`), finalUrl: 'https://evil.example/', readHeader: fail })
    expect(policy.counters.redirectLearned).toBe(1)
  })
})

describe('what answers teach', () => {
  const url = new URL(`${SHOP}/files/1?token=a`)
  const readHeader = () => 'made'

  it('a fingerprint is taken in from a target, never from elsewhere or from an address the browser hides', () => {
    const onServerFingerprint = vi.fn()
    const policy = policyOf({ onServerFingerprint })
    for (const finalUrl of [`${SHOP}/files/1`, 'https://evil.example/', '']) {
      policy.answered({ url, finalUrl, readHeader })
    }
    expect(onServerFingerprint.mock.calls).toEqual([['made']])
  })

  it('a path that ended elsewhere is left alone from then on, whatever its query; its neighbours are not', () => {
    const onWarning = vi.fn()
    const policy = policyOf({ onWarning })
    for (let times = 0; times < 3; times++)
      policy.answered({ url, finalUrl: 'https://cdn.example/1', readHeader })
    expect(policy.headersFor('/files/1?token=b')).toBeUndefined()
    expect(policy.headersFor('/files/2')).toEqual(BOTH)
    expect(policy.counters).toMatchObject({ redirectLearned: 1, skipped: 1 })
    expect(onWarning.mock.calls).toEqual([['redirect_learned', `${SHOP}/files/1`]])
  })

  it('a redirect to another target teaches nothing', () => {
    const policy = policyOf({ sessionTargets: [SHOP, API] })
    policy.answered({ url, finalUrl: `${API}/1`, readHeader })
    expect(policy.headersFor(url)).toEqual(BOTH)
  })

  it('a retry without ours that worked means the network on the own origin, a refused preflight elsewhere', () => {
    const policy = policyOf({ sessionTargets: [SHOP, API] })
    const other = new URL(`${API}/1`)
    policy.answered({ url, finalUrl: url.href, readHeader, isBareRetry: true })
    policy.answered({ url: other, finalUrl: other.href, readHeader, isBareRetry: true })
    expect(policy.headersFor(url)).toEqual(BOTH)
    expect(policy.headersFor(other)).toBeUndefined()
  })

  it('a failed path goes bare until it answers or fails without ours', () => {
    const policy = policyOf()
    policy.failed(url, true)
    expect([policy.headersFor(url), policy.headersFor(url)]).toEqual([{}, {}])
    policy.answered({ url, finalUrl: url.href, readHeader })
    expect(policy.headersFor(url)).toEqual(BOTH)
    policy.failed(url, true)
    policy.failed(url, false)
    expect(policy.headersFor(url)).toEqual(BOTH)
  })

  it('remembers 200 paths and forgets the oldest first', () => {
    const policy = policyOf()
    for (let at = 0; at <= 200; at++) {
      policy.answered({ url: new URL(`/p/${at}`, SHOP), finalUrl: 'https://cdn.example/', readHeader })
    }
    expect(policy.headersFor('/p/0')).toEqual(BOTH)
    expect(policy.headersFor('/p/1')).toBeUndefined()
    expect(policy.headersFor('/p/200')).toBeUndefined()
  })

  it('counts what it did, and tells of a preflight once per origin', () => {
    const onWarning = vi.fn()
    const policy = policyOf({ sessionTargets: [SHOP, API], onWarning })
    for (const address of [`${SHOP}/a`, `${API}/a`, `${API}/b`]) {
      policy.attach(new URL(address), policy.headersFor(address) ?? {}, new Headers())
    }
    policy.headersFor('https://other.example/')
    policy.skip()
    expect(policy.counters).toEqual({ attached: 3, skipped: 2, wouldPreflight: 2, redirectLearned: 0 })
    expect(onWarning.mock.calls).toEqual([['would_preflight', API]])
  })
})
