import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import type { Session } from './ports.ts'
import { createSessionStore } from './store.ts'

const AT_MS = Date.UTC(2026, 0, 1)

const newKey = () => ({
  keyId: randomUUID(),
  publicJwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } as const,
})

onEveryEngine('what sessions are proven by', (storage) => {
  const store = () => createSessionStore(storage())

  async function open(changes: Partial<Session> = {}): Promise<Session> {
    const session: Session = {
      ...{ id: randomUUID(), siteId: 's1', sessionId: randomUUID(), visitorId: randomUUID(), userId: null },
      ...{ cookieHash: randomUUID(), deviceKeyId: null, mode: 'recognition', metadata: {} },
      ...{ firstTouch: null, lastTouch: null, currentVisitId: null, lastSeenAtMs: AT_MS },
      ...{ expiresAtMs: AT_MS + 1000, convertedAtMs: null, convertedUser: null, clockOffsetMs: null },
      ...{ createdAtMs: AT_MS, ...changes },
    }
    expect(await store().open(session, { isNewVisitor: true, visit: null })).toBe(true)
    return session
  }
  const keyOf = async ({ siteId, sessionId }: Session) => (await store().find(siteId, sessionId))?.deviceKeyId
  const ownerOf = (keyId: string, siteId = 's1') => store().findKeyOwner(siteId, keyId, 0)

  it('binds a key to the sessions of its visitor that share the cookie, on its own site', async () => {
    const session = await open()
    const { siteId, visitorId, cookieHash } = session
    const same = await open({ visitorId, cookieHash })
    const other = await open({ visitorId })
    const key = newKey()
    expect(await store().bindKey(session, key, AT_MS)).toBe(true)
    expect([await keyOf(session), await keyOf(same), await keyOf(other)]).toEqual([
      key.keyId,
      key.keyId,
      null,
    ])
    expect([await ownerOf(key.keyId), await ownerOf(key.keyId, 's2')]).toEqual([visitorId, undefined])
    const found = await store().findByDeviceKey(siteId, visitorId, key.keyId)
    expect([session.id, same.id]).toContain(found?.id)
    expect(await store().findByDeviceKey(siteId, randomUUID(), key.keyId)).toBeUndefined()
  })

  it('a visitor has one key: the next takes the place of the one before', async () => {
    const session = await open()
    const [first, second] = [newKey(), newKey()]
    await store().bindKey(session, first, AT_MS)
    await store().bindKey(session, second, AT_MS)
    expect(await keyOf(session)).toBe(second.keyId)
    expect([await ownerOf(first.keyId), await ownerOf(second.keyId)]).toEqual([undefined, session.visitorId])
  })

  it('a key has one visitor: another does not get it, and keeps what it has', async () => {
    const [owner, other] = [await open(), await open()]
    const [key, own] = [newKey(), newKey()]
    await store().bindKey(owner, key, AT_MS)
    await store().bindKey(other, own, AT_MS)
    expect(await store().bindKey(other, key, AT_MS)).toBe(false)
    expect([await keyOf(owner), await keyOf(other)]).toEqual([key.keyId, own.keyId])
    expect([await ownerOf(key.keyId), await ownerOf(own.keyId)]).toEqual([owner.visitorId, other.visitorId])
  })

  it('of visitors that bring one key at once, one gets it, and of keys for one visitor one stays', async () => {
    const key = newKey()
    const rivals = await Promise.all(Array.from({ length: 8 }, () => open()))
    const won = await Promise.all(rivals.map((rival) => store().bindKey(rival, key, AT_MS)))
    expect(won.filter(Boolean)).toHaveLength(1)
    const session = await open()
    const keys = Array.from({ length: 8 }, newKey)
    await Promise.all(keys.map((one) => store().bindKey(session, one, AT_MS)))
    const owners = await Promise.all(keys.map(({ keyId }) => ownerOf(keyId)))
    const left = keys.filter((_, index) => owners[index] === session.visitorId)
    expect(left.map(({ keyId }) => keyId)).toEqual([await keyOf(session)])
  })

  it('binds nothing to a session that was ended meanwhile', async () => {
    const session = await open()
    await store().retire(session, { atMs: AT_MS })
    const key = newKey()
    expect(await store().bindKey(session, key, AT_MS)).toBe(false)
    expect(await ownerOf(key.keyId)).toBeUndefined()
  })

  it('a key that was taken away opens nothing, and another visitor may bind it', async () => {
    const [before, next] = [await open(), await open()]
    const key = newKey()
    await store().bindKey(before, key, AT_MS)
    await store().releaseKeys('s1', before.visitorId)
    expect([await keyOf(before), await ownerOf(key.keyId)]).toEqual([null, undefined])
    expect(await store().bindKey(next, key, AT_MS)).toBe(true)
    expect(await ownerOf(key.keyId)).toBe(next.visitorId)
  })

  it('ends what the cookie and the key of a visitor prove', async () => {
    const session = await open()
    const key = newKey()
    await store().bindKey(session, key, AT_MS)
    expect(await store().retire(session, { atMs: AT_MS, mode: 'off' })).toEqual([session.sessionId])
    expect(await store().find('s1', session.sessionId)).toMatchObject({
      ...{ cookieHash: null, deviceKeyId: null, expiresAtMs: AT_MS, mode: 'off' },
    })
    expect(await ownerOf(key.keyId)).toBeUndefined()
  })

  it('erases the key with its visitor', async () => {
    const session = await open()
    const key = newKey()
    await store().bindKey(session, key, AT_MS)
    await store().eraseVisitor('s1', session.visitorId)
    const { db, tables } = storage()
    const rows = await db.select().from(tables.deviceKeys)
    expect(rows.map(({ keyId }) => keyId)).not.toContain(key.keyId)
  })

  it('knows no key of a visitor who was not seen since', async () => {
    const session = await open()
    const key = newKey()
    await store().bindKey(session, key, AT_MS)
    expect(await store().findKeyOwner('s1', key.keyId, AT_MS - 1)).toBe(session.visitorId)
    expect(await store().findKeyOwner('s1', key.keyId, AT_MS)).toBeUndefined()
  })

  it('gives a session another cookie once: whoever was slower keeps the old answer', async () => {
    const session = await open()
    const tries = ['a', 'b'].map((hash) => store().replaceCookie(session, `${session.id}-${hash}`))
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
  })
})
