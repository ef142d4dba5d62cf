import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import type { RequestContext } from '../platform/http/context.ts'
import { createFingerprintLookup, type FingerprintLookup } from './fingerprint-lookup.ts'

const HASH = '0123456789abcdef0123456789abcdef'
const BROWSER = { 'user-agent': 'Mozilla/5.0', 'accept-language': 'de', 'accept-encoding': 'gzip, br' }
const site = { id: 's1', name: 'default', fingerprintSalt: 'salt', unsetMode: 'recognition' as const }

let nowMs = 0
const lines: { level: string; fields: Record<string, unknown> }[] = []
const log = {
  debug: vi.fn(),
  error: vi.fn(),
  info: (fields: object) => void lines.push({ level: 'info', fields: { ...fields } }),
  warn: (fields: object) => void lines.push({ level: 'warn', fields: { ...fields } }),
}
let lookup: FingerprintLookup

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1)
  lines.length = 0
  lookup = createFingerprintLookup({
    keys: createServerKeys('k'.repeat(43)),
    // The lookup logs objects only; pino's other spellings are not used.
    log: log as unknown as Parameters<typeof createFingerprintLookup>[0]['log'],
    nowMs: () => nowMs,
    isSecure: true,
  })
})
afterEach(() => {
  lookup.stop()
  vi.useRealTimers()
})

type Headers = Record<string, string>

function context(headers: Headers, changes: Partial<RequestContext> = {}): RequestContext {
  // Only headers are read of a request.
  const request = { headers: { ...BROWSER, ...headers } } as unknown as RequestContext['request']
  return {
    ...{ requestId: 'r', nowMs, site, credential: { kind: 'none' }, sessionId: undefined },
    ...{ cookieSecret: undefined, hasOptOutSignal: false, isFromBrowser: true, path: '/api/sessions' },
    address: { limitKey: '203.0.113.9', prefix: '203.0.113.0/24', isLoopback: false },
    ...changes,
    request,
  }
}

const find = (headers: Headers = {}, changes: Partial<RequestContext> = {}) => {
  const asked = context(headers, changes)
  return lookup.find(asked.request, asked)
}

/** Runs the middleware and answers the headers it set. */
function pass(headers: Headers = {}, changes: Partial<RequestContext> = {}) {
  const asked = context(headers, changes)
  const set: Record<string, string[]> = {}
  const response = {
    locals: { context: asked },
    setHeader: (name: string, value: string) => {
      set[name] = [value]
    },
    append: (name: string, value: string) => {
      set[name] = [...(set[name] ?? []), value]
    },
  }
  const next = vi.fn()
  // Express's own objects carry far more than the middleware touches.
  lookup.middleware(asked.request as never, response as never, next)
  expect(next).toHaveBeenCalledOnce()
  return set
}

it('takes the first tier that has one: header, cookie, made here', () => {
  const cookie = `device_fp=${HASH.replace('0', 'f')}`
  expect(find({ 'x-device-fingerprint': HASH, cookie })).toEqual({
    hash: HASH,
    source: 'client_header',
    origin: 'client_header',
  })
  expect(find({ cookie })).toMatchObject({ hash: HASH.replace('0', 'f'), source: 'cookie' })
  expect(find()).toMatchObject({ source: 'server_generated' })
})

it('answers a second question about one request from its cache, and still knows the first tier', () => {
  const asked = context({ 'x-device-fingerprint': HASH })
  lookup.find(asked.request, asked)
  expect(lookup.find(asked.request, asked)).toEqual({
    hash: HASH,
    source: 'request_cache',
    origin: 'client_header',
  })
  expect(lookup.counters()).toEqual({ request_cache: 1, client_header: 1, cookie: 0, server_generated: 0 })
})

it.each(['x', HASH.toUpperCase(), `${HASH}0`, ''])(
  'passes over a header that is no fingerprint: "%s"',
  (sent) => {
    expect(find({ 'x-device-fingerprint': sent })).toMatchObject({ source: 'server_generated' })
  },
)

it('knows a fingerprint it made when it comes back, in header or cookie', () => {
  const made = find()?.hash ?? ''
  expect(made).toMatch(/^[0-9a-f]{32}$/)
  expect(lookup.isServerMade(made)).toBe(true)
  expect(lookup.isServerMade(HASH)).toBe(false)
  expect(find({ 'x-device-fingerprint': made })).toMatchObject({ hash: made, source: 'server_generated' })
  expect(find({ cookie: `device_fp=${made}` })).toMatchObject({ source: 'server_generated' })
})

it('makes the same one for the same browser, another for another site, network or browser', () => {
  const made = find()?.hash
  expect(find()?.hash).toBe(made)
  const others = [
    find({}, { site: { ...site, id: 's2' } }),
    find({}, { address: { limitKey: 'x', prefix: '198.51.100.0/24', isLoopback: false } }),
    find({ 'user-agent': 'Mozilla/5.0 (Other)' }),
    find({ 'sec-ch-ua-platform': '"Linux"' }),
  ]
  expect(new Set([made, ...others.map((found) => found?.hash)]).size).toBe(5)
})

it('looks nothing up under an opt-out signal, for a token or for a secret key', () => {
  const sent = { 'x-device-fingerprint': HASH }
  expect(find(sent, { hasOptOutSignal: true })).toBeUndefined()
  expect(find(sent, { credential: { kind: 'user', userId: 'u', loginSessionId: 'l' } })).toBeUndefined()
  expect(find(sent, { credential: { kind: 'anonymous', visitorId: 'v' } })).toBeUndefined()
  expect(find(sent, { credential: { kind: 'secret_key', keyId: 'k', scopes: [] } })).toBeUndefined()
  expect(pass(sent, { hasOptOutSignal: true })).toEqual({})
  expect(Object.values(lookup.counters()).every((total) => total === 0)).toBe(true)
})

it('makes none where silence means no and no session says otherwise', () => {
  const strict = { site: { ...site, unsetMode: 'cookieless' as const } }
  expect(find({}, strict)).toBeUndefined()
  expect(find({}, { ...strict, cookieSecret: 'secret' })).toMatchObject({ source: 'server_generated' })
})

it('tells the browser a fingerprint the server had to make, and only that', () => {
  expect(pass()['X-Device-Fingerprint']).toEqual([find()?.hash])
  expect(pass({ 'x-device-fingerprint': HASH })).toEqual({})
})

it('copies a changed fingerprint into the cookie of a browser with a session', () => {
  const withSession = { cookieSecret: 'secret' }
  const set = pass({ 'x-device-fingerprint': HASH }, withSession)['Set-Cookie'] ?? []
  expect(set).toHaveLength(1)
  expect(set[0]).toMatch(
    new RegExp(`^device_fp=${HASH}; Max-Age=34128000; Path=/; HttpOnly; Secure; SameSite=Lax$`),
  )
  expect(pass({ 'x-device-fingerprint': HASH, cookie: `device_fp=${HASH}` }, withSession)).toEqual({})
  const made = find()?.hash ?? ''
  expect(pass({ 'x-device-fingerprint': made }, withSession)['Set-Cookie']).toBeUndefined()
})

it('logs its counts every five minutes', () => {
  vi.useFakeTimers()
  const timed = createFingerprintLookup({
    keys: createServerKeys('k'.repeat(43)),
    log: log as unknown as Parameters<typeof createFingerprintLookup>[0]['log'],
    nowMs: () => nowMs,
    isSecure: false,
  })
  const asked = context({ 'x-device-fingerprint': HASH })
  timed.find(asked.request, asked)
  vi.advanceTimersByTime(5 * 60_000)
  const expected = { request_cache: 0, client_header: 1, cookie: 0, server_generated: 0 }
  expect(lines).toEqual([{ level: 'info', fields: { fingerprintSources: expected } }])
  timed.stop()
  vi.advanceTimersByTime(5 * 60_000)
  expect(lines).toHaveLength(1)
})

it('warns of the first fingerprint it made and then of one in a hundred, at most every ten seconds', () => {
  const path = '/api/sessions/0190a8f0-0000-7000-8000-000000000000/user'
  const warnings = () => lines.filter(({ level }) => level === 'warn')
  find({}, { path })
  expect(warnings()).toEqual([{ level: 'warn', fields: { requestId: 'r', path: '/api/sessions/:id/user' } }])
  for (let call = 0; call < 100; call += 1) find()
  expect(warnings()).toHaveLength(1)
  nowMs += 10_000
  for (let call = 0; call < 100; call += 1) find()
  expect(warnings()).toHaveLength(2)
})
