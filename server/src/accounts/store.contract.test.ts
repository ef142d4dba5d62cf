import { expect, it } from 'vitest'
import { newId } from '../platform/ids.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import type { LoginSession, StoredSigningKey, StoredUser } from './ports.ts'
import { createAccountStore } from './store.ts'

const AT_MS = Date.UTC(2026, 0, 1)

const user = (change: Partial<StoredUser> = {}): StoredUser => ({
  id: newId(),
  siteId: 'site-a',
  externalId: null,
  email: 'Ada@example.com',
  emailKey: 'ada@example.com',
  emailVerifiedAtMs: null,
  username: null,
  usernameKey: null,
  passwordHash: '$argon2id$old',
  attributes: { firstName: 'Ada' },
  ctaVariant: null,
  createdAtMs: AT_MS,
  updatedAtMs: AT_MS,
  ...change,
})

const loginSession = (userId: string, change: Partial<LoginSession> = {}): LoginSession => ({
  id: newId(),
  siteId: 'site-a',
  userId,
  sessionId: newId(),
  browser: 'Firefox',
  os: 'Linux',
  ipPrefix: '192.0.2.0/24',
  createdAtMs: AT_MS,
  lastUsedAtMs: AT_MS,
  idleExpiresAtMs: AT_MS + 1000,
  expiresAtMs: AT_MS + 5000,
  revokedAtMs: null,
  revokedReason: null,
  ...change,
})

onEveryEngine('account store', (storage) => {
  const open = () => createAccountStore(storage())
  const unverified = { kind: 'email', key: 'ada@example.com' } as const

  async function openedSession(change: Partial<LoginSession> = {}) {
    const owner = user({ emailKey: null, email: null })
    await open().createUser(owner)
    const session = loginSession(owner.id, change)
    const hash = newId()
    await open().openLoginSession(session, hash)
    return { session, hash }
  }

  it('gives back the user that was written, on its own site only', async () => {
    const ada = user({ emailKey: 'given-back@example.com', ctaVariant: 'A' })
    expect(await open().createUser(ada)).toBe(true)
    expect(await open().findUser('site-a', ada.id)).toEqual(ada)
    expect(await open().findUser('site-b', ada.id)).toBeUndefined()
  })

  it('lets several unverified users share an address, and finds only those that are vouched for, in that order', async () => {
    const [first, second] = [user(), user()]
    expect(await open().createUser(first)).toBe(true)
    expect(await open().createUser(second)).toBe(true)
    expect(await open().findByLoginName('site-a', { ...unverified, vouchedIds: [] })).toBeUndefined()
    const found = await open().findByLoginName('site-a', {
      ...unverified,
      vouchedIds: [newId(), first.id, second.id],
    })
    expect(found?.id).toBe(first.id)
    expect(await open().findByLoginName('site-b', { ...unverified, vouchedIds: [first.id] })).toBeUndefined()
  })

  it('prefers the user whose address is verified', async () => {
    const key = 'verified@example.com'
    const mine = user({ emailKey: key })
    const owner = user({ emailKey: key, emailVerifiedAtMs: AT_MS })
    await open().createUser(mine)
    await open().createUser(owner)
    const found = await open().findByLoginName('site-a', { kind: 'email', key, vouchedIds: [mine.id] })
    expect(found?.id).toBe(owner.id)
  })

  it('refuses to verify one address for two users of a site', async () => {
    const twice = { emailKey: 'twice@example.com', emailVerifiedAtMs: AT_MS }
    await open().createUser(user(twice))
    await expect(open().createUser(user(twice))).rejects.toThrow()
    expect(await open().createUser(user({ ...twice, siteId: 'site-b' }))).toBe(true)
  })

  it('gives a user name to one of fifty who want it at once', async () => {
    const wanted = () => open().createUser(user({ username: 'Ada', usernameKey: 'ada' }))
    const made = await Promise.all(Array.from({ length: 50 }, wanted))
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(await open().createUser(user({ siteId: 'site-b', usernameKey: 'ada' }))).toBe(true)
  })

  it('makes one user of an external id, also when asked at once', async () => {
    const ask = () =>
      open().ensureExternalUser({ ...user({ email: null, emailKey: null }), externalId: 'crm-7' })
    const ids = (await Promise.all(Array.from({ length: 20 }, ask))).map(({ id }) => id)
    expect(new Set(ids).size).toBe(1)
  })

  it('replaces a password hash only over the one it was read as', async () => {
    const ada = user()
    await open().createUser(ada)
    await open().replacePasswordHash(ada.id, { from: 'another', to: '$new', atMs: AT_MS + 1 })
    expect((await open().findUser('site-a', ada.id))?.passwordHash).toBe('$argon2id$old')
    await open().replacePasswordHash(ada.id, { from: '$argon2id$old', to: '$new', atMs: AT_MS + 1 })
    expect((await open().findUser('site-a', ada.id))?.passwordHash).toBe('$new')
  })

  it('R35 rotates a refresh token for exactly one of fifty racers', async () => {
    const { session, hash } = await openedSession()
    const rotation = { hash, loginSessionId: session.id, atMs: AT_MS + 10, idleExpiresAtMs: AT_MS + 2000 }
    const racers = Array.from({ length: 50 }, () =>
      open().rotate({ ...rotation, successorHash: `${hash}-next` }),
    )
    const outcomes = await Promise.all(racers)
    expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'lost')).toHaveLength(49)
    const next = await open().findRefreshToken(`${hash}-next`)
    expect(next?.token).toMatchObject({ usedAtMs: null, loginSessionId: session.id })
    expect(next?.session).toMatchObject({ lastUsedAtMs: AT_MS + 10, idleExpiresAtMs: AT_MS + 2000 })
  })

  it.each([
    ['revoked', { revokedAtMs: AT_MS, revokedReason: 'logout' }, AT_MS + 10],
    ['idle for too long', {}, AT_MS + 1000],
    ['past its last day', { idleExpiresAtMs: AT_MS + 9000 }, AT_MS + 5000],
  ])('R27 R29 rotates nothing in a login session that is %s', async (_why, change, atMs) => {
    const { session, hash } = await openedSession(change)
    const rotation = { hash, successorHash: `${hash}-next`, loginSessionId: session.id, atMs }
    expect(await open().rotate({ ...rotation, idleExpiresAtMs: atMs + 1 })).toBe('dead')
    expect(await open().findRefreshToken(`${hash}-next`)).toBeUndefined()
    expect((await open().findRefreshToken(hash))?.token.usedAtMs).toBeNull()
  })

  it('revokes once and keeps the first reason', async () => {
    const { session } = await openedSession()
    expect(await open().revokeLoginSession(session.id, { reason: 'logout', atMs: AT_MS + 5 })).toBe(true)
    expect(await open().revokeLoginSession(session.id, { reason: 'replaced', atMs: AT_MS + 6 })).toBe(false)
    expect(await open().findLoginSession(session.id)).toMatchObject({
      revokedAtMs: AT_MS + 5,
      revokedReason: 'logout',
    })
  })

  it('takes a signing key once and rotates it once, whoever asks at the same moment', async () => {
    const key = (kid: string, state: StoredSigningKey['state'], createdAtMs: number) => ({
      kid,
      publicJwk: { kty: 'EC' },
      privateSealed: 'v1',
      state,
      createdAtMs,
    })
    const added = await Promise.all(
      Array.from({ length: 10 }, () => open().addSigningKey(key('k1', 'current', AT_MS))),
    )
    expect(added.filter(Boolean)).toHaveLength(1)
    await open().addSigningKey(key('k2', 'next', AT_MS))
    const rotated = await Promise.all(
      Array.from({ length: 10 }, () => open().rotateSigningKeys(key('k3', 'next', AT_MS + 1), [])),
    )
    expect(rotated.filter(Boolean)).toHaveLength(1)
    const states = (await open().listSigningKeys()).map(({ kid, state }) => [kid, state])
    expect(states).toEqual([
      ['k1', 'previous'],
      ['k2', 'current'],
      ['k3', 'next'],
    ])
  })
})
