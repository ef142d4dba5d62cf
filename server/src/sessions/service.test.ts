import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import type { RequestContext } from '../platform/http/context.ts'
import { createSessionCookie } from '../platform/http/session-cookie.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import { openRecognition } from '../testing/open-recognition.ts'
import { createMemoryHotSessions } from './hot-memory.ts'
import { createSessions } from './service.ts'
import { createSessionStore } from './store.ts'

const DAY_MS = 86_400_000
const keys = createServerKeys('k'.repeat(43))
const cookie = createSessionCookie(keys, { isSecure: false })
const site = { id: 's1', name: 'default', fingerprintSalt: 'salt', unsetMode: 'recognition' as const }

let storage: Storage<Tables>
let sessions: ReturnType<typeof createSessions>
let nowMs: number
let told: string[]

beforeAll(async () => {
  storage = await openStorage(':memory:', '')
})
afterAll(() => storage.close())

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1)
  told = []
  const clock = { nowMs: () => nowMs }
  sessions = createSessions({
    store: createSessionStore(storage),
    hot: createMemoryHotSessions({ ...clock, maxSessions: 100 }),
    recognition: openRecognition(storage, { keys, ...clock }).recognition,
    cookie,
    // No request here brings a device key.
    devices: { issueNonce: () => 'nonce', take: () => Promise.resolve(false) },
    ...clock,
    expiryMs: 30 * DAY_MS,
    events: {
      visitorCreated: async ({ visitorId }) => void told.push(`created ${visitorId}`),
      visitorReturned: async ({ visitorId }) => void told.push(`returned ${visitorId}`),
    },
    userAttributes: async (_siteId, userId) => (userId === 'u1' ? { email: 'ada@example.com' } : null),
  })
})

function context(changes: Partial<RequestContext> = {}): RequestContext {
  return {
    ...{ requestId: 'r', nowMs, site, credential: { kind: 'none' }, sessionId: undefined },
    ...{ cookieSecret: undefined, hasOptOutSignal: false, isFromBrowser: true, path: '/' },
    address: { limitKey: '203.0.113.9', prefix: '203.0.113.0/24', isLoopback: false },
    // Only headers are read of a request.
    request: { headers: { 'user-agent': 'test' } } as unknown as RequestContext['request'],
    ...changes,
  }
}

const secretOf = (setCookie: string) => /=([^.;]+)\./.exec(setCookie)?.[1] ?? ''

/** A session with the secret its browser holds. */
async function open(changes: Partial<RequestContext> = {}) {
  let header = ''
  const session = await sessions.provenOrFresh(context(changes), (value) => {
    header = value
  })
  return { session, cookieSecret: secretOf(header) }
}

const never = () => {
  throw new Error('no cookie was to be set')
}

describe('provenOrFresh', () => {
  it('answers the session this request proves, by id or by the cookie alone', async () => {
    const { session, cookieSecret } = await open()
    for (const sessionId of [session.sessionId, undefined, randomUUID()]) {
      const again = await sessions.provenOrFresh(context({ cookieSecret, sessionId }), never)
      expect(again.id).toBe(session.id)
    }
  })

  it('never answers an id that is not proven, but takes one that nobody has used', async () => {
    const { session } = await open()
    const { session: fresh, cookieSecret } = await open({ sessionId: session.sessionId })
    expect(fresh.sessionId).not.toBe(session.sessionId)
    expect(fresh.visitorId).not.toBe(session.visitorId)
    expect(cookieSecret).not.toBe('')
    const unused = randomUUID()
    expect((await open({ sessionId: unused })).session.sessionId).toBe(unused)
  })

  it('goes on with the visitor of a session that has expired', async () => {
    const { session, cookieSecret } = await open()
    nowMs += 31 * DAY_MS
    const { session: next } = await open({ cookieSecret, sessionId: session.sessionId })
    expect(next.id).not.toBe(session.id)
    expect(next.visitorId).toBe(session.visitorId)
  })
})

it('openFresh gives a new visitor and takes the old cookie’s place', async () => {
  const { cookieSecret } = await open()
  let header = ''
  const fresh = await sessions.openFresh(context({ cookieSecret }), (value) => {
    header = value
  })
  expect(secretOf(header)).not.toBe(cookieSecret)
  expect(await sessions.resolve(context({ cookieSecret: secretOf(header) }))).toMatchObject({
    session: { id: fresh.id },
    proof: 'cookie',
  })
})

describe('resolve and getProven', () => {
  it('take a secret key with a scope of the room for proof, and none without', async () => {
    const { session } = await open()
    const { sessionId } = session
    const key = (scope: string) =>
      context({ sessionId, credential: { kind: 'secret_key', keyId: 'k', scopes: [scope] } })
    expect((await sessions.resolve(key('sessions:read')))?.proof).toBe('secret_key')
    expect((await sessions.resolve(key('events:write')))?.proof).toBeUndefined()
  })

  it('refuse an id never issued as they refuse one that is not proven', async () => {
    const { session } = await open()
    for (const sessionId of [session.sessionId, randomUUID()]) {
      await expect(sessions.getProven(context(), sessionId)).rejects.toThrow('needs proof')
    }
  })
})

describe('endForUser', () => {
  it('leaves nobody who can prove the session, and hands nothing of it to the next one', async () => {
    const { session, cookieSecret } = await open()
    const linked = await sessions.linkToUser(session, 'u1', nowMs)
    await sessions.mergeProfile(linked, { firstName: 'Ada' }, { source: 'test', atMs: nowMs })
    expect(await sessions.userData(linked)).toEqual({ email: 'ada@example.com', firstName: 'Ada' })
    nowMs += 1000
    await sessions.endForUser(linked, nowMs)
    const ended = await sessions.findBySessionId('s1', session.sessionId)
    expect(ended && (await sessions.userData(ended))).toBeNull()
    expect(await sessions.resolve(context({ cookieSecret }))).toBeUndefined()
    const { session: next } = await open({ cookieSecret, sessionId: session.sessionId })
    expect(next.visitorId).not.toBe(session.visitorId)
    expect(await sessions.userData(next)).toBeNull()
  })
})

describe('linkToUser', () => {
  it('refuses a session of another user', async () => {
    const { session } = await open()
    await sessions.linkToUser(session, 'u1', nowMs)
    await expect(sessions.linkToUser(session, 'u2', nowMs)).rejects.toThrow('another user')
    const again = await sessions.linkToUser(session, 'u1', nowMs + 5)
    expect(again.convertedAtMs).toBe(nowMs)
  })
})

describe('openForEvents', () => {
  it('makes the session of an unknown id and gives its maker the cookie, once', async () => {
    const sessionId = randomUUID()
    const made = await sessions.openForEvents(context(), sessionId, 'recognition')
    expect(made).toMatchObject({ session: { sessionId, visitId: null }, isProven: true })
    const cookieSecret = secretOf(made.setCookie ?? '')
    const again = await sessions.openForEvents(context({ cookieSecret }), sessionId, 'recognition')
    expect(again).toMatchObject({ isProven: true, setCookie: undefined })
    const stranger = await sessions.openForEvents(context(), sessionId, 'recognition')
    expect(stranger).toMatchObject({ isProven: false, setCookie: undefined })
    expect(told).toEqual([`created ${made.session.visitorId}`])
  })

  it('keeps the visitor whom the cookie proves under a new id', async () => {
    const { session, cookieSecret } = await open()
    const made = await sessions.openForEvents(context({ cookieSecret }), randomUUID(), 'recognition')
    expect(made.session.visitorId).toBe(session.visitorId)
  })

  it('is proven by a back end that may write events, on its own site', async () => {
    const { session } = await open()
    const credential = { kind: 'secret_key' as const, keyId: 'k', scopes: ['events:write'] }
    const asked = await sessions.openForEvents(context({ credential }), session.sessionId, 'recognition')
    expect(asked.isProven).toBe(true)
  })

  it('proves nothing of a session that has expired', async () => {
    const { session, cookieSecret } = await open()
    nowMs += 31 * DAY_MS
    const late = await sessions.openForEvents(context({ cookieSecret }), session.sessionId, 'recognition')
    expect(late.isProven).toBe(false)
  })

  it('tells that somebody returned after a pause, with proof only', async () => {
    const { session, cookieSecret } = await open()
    told = []
    nowMs += 31 * 60_000
    await sessions.openForEvents(context(), session.sessionId, 'recognition')
    expect(told).toEqual([])
    await sessions.openForEvents(context({ cookieSecret }), session.sessionId, 'recognition')
    expect(told).toEqual([`returned ${session.visitorId}`])
  })

  it('goes by ids of the day in mode cookieless, whatever identity the page still has', async () => {
    const { session, cookieSecret } = await open()
    const ask = () => sessions.openForEvents(context({ cookieSecret }), session.sessionId, 'cookieless')
    const today = await ask()
    expect(today.session.sessionId).not.toBe(session.sessionId)
    expect(today.session.visitorId).not.toBe(session.visitorId)
    expect(today).toMatchObject({ setCookie: undefined, session: { mode: 'cookieless', cookieHash: null } })
    expect((await ask()).session.sessionId).toBe(today.session.sessionId)
    nowMs += DAY_MS
    const tomorrow = await ask()
    expect(tomorrow.session.sessionId).not.toBe(today.session.sessionId)
    expect(tomorrow.session.visitorId).not.toBe(today.session.visitorId)
  })

  it('refuses in mode off', async () => {
    await expect(sessions.openForEvents(context(), randomUUID(), 'off')).rejects.toThrow('recognised')
  })
})

describe('somebody who asks not to be recognised and yet signs up', () => {
  it('gets a session that can be proven and keeps no profile', async () => {
    const { session, cookieSecret } = await open({ hasOptOutSignal: true })
    expect(session.mode).toBe('cookieless')
    await sessions.mergeProfile(session, { firstName: 'Ada' }, { source: 'signup', atMs: nowMs })
    expect(await sessions.userData(session)).toBeNull()
    const proven = await sessions.getProven(context({ cookieSecret }), session.sessionId)
    expect(proven.id).toBe(session.id)
  })
})
