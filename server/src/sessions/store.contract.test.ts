import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import type { Session } from './ports.ts'
import { createSessionStore } from './store.ts'

const AT_MS = Date.UTC(2026, 0, 1)

function newSession(changes: Partial<Session> = {}): Session {
  return {
    ...{ id: randomUUID(), siteId: 's1', sessionId: randomUUID(), visitorId: randomUUID(), userId: null },
    ...{ cookieHash: randomUUID(), deviceKeyId: null, mode: 'recognition', metadata: { os: 'Linux' } },
    ...{ firstTouch: { at: 'now', utm: { source: 'x' } }, lastTouch: null, currentVisitId: null },
    ...{ lastSeenAtMs: AT_MS, expiresAtMs: AT_MS + 1000, convertedAtMs: null, convertedUser: null },
    ...{ clockOffsetMs: null, createdAtMs: AT_MS },
    ...changes,
  }
}

onEveryEngine('session store', (storage) => {
  const store = () => createSessionStore(storage())
  const withVisitor = { isNewVisitor: true, visit: null }
  const open = async (changes: Partial<Session> = {}, isNewVisitor = true) => {
    const session = newSession(changes)
    expect(await store().open(session, { isNewVisitor, visit: null })).toBe(true)
    return session
  }
  const visitsOfVisitor = async (visitorId: string) =>
    (await storage().db.select().from(storage().tables.visitors)).find(({ id }) => id === visitorId)
      ?.visitCount

  describe('open', () => {
    it('writes a session as it is', async () => {
      const session = await open()
      expect(await store().find('s1', session.sessionId)).toEqual(session)
      expect(await store().find('s2', session.sessionId)).toBeUndefined()
    })

    it('takes an id once per site, and leaves nothing of a second try', async () => {
      const session = await open()
      const rival = newSession({ sessionId: session.sessionId })
      expect(await store().open(rival, withVisitor)).toBe(false)
      expect(await visitsOfVisitor(rival.visitorId)).toBeUndefined()
      expect(await store().open(newSession({ ...rival, siteId: 's2' }), withVisitor)).toBe(true)
    })

    it('is won by one of thirty at once', async () => {
      const sessionId = randomUUID()
      const tries = Array.from({ length: 30 }, () => store().open(newSession({ sessionId }), withVisitor))
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
    })

    it('counts the visit it opens with', async () => {
      const visit = { id: randomUUID(), atMs: AT_MS, touch: { at: 'now' } }
      const session = newSession({ currentVisitId: visit.id })
      await store().open(session, { isNewVisitor: true, visit })
      expect(await visitsOfVisitor(session.visitorId)).toBe(1)
      expect(await store().findVisitEnd(visit.id)).toBe(AT_MS)
    })
  })

  it('finds by cookie the session last seen', async () => {
    const cookieHash = randomUUID()
    await open({ cookieHash, lastSeenAtMs: AT_MS })
    const latest = await open({ cookieHash, lastSeenAtMs: AT_MS + 2 })
    await open({ cookieHash, lastSeenAtMs: AT_MS + 1 })
    expect((await store().findByCookie('s1', cookieHash))?.id).toBe(latest.id)
    expect(await store().findByCookie('s2', cookieHash)).toBeUndefined()
  })

  it('changes what a patch names and nothing else', async () => {
    const session = await open()
    await store().update(session, { lastSeenAtMs: AT_MS + 5, metadata: { os: 'Windows' } })
    expect(await store().find('s1', session.sessionId)).toEqual({
      ...session,
      lastSeenAtMs: AT_MS + 5,
      metadata: { os: 'Windows' },
    })
  })

  describe('link', () => {
    it('links the session and its visitor’s unlinked ones that a cookie proves, each once', async () => {
      const session = await open()
      const { visitorId } = session
      const earlier = await open({ visitorId, createdAtMs: AT_MS - 1 }, false)
      const unprovable = await open({ visitorId, cookieHash: null }, false)
      const others = await open({ visitorId, userId: 'u2', convertedUser: 'u2' }, false)
      const linked = await store().link(session, 'u1', AT_MS + 1)
      expect(linked).toMatchObject({ userId: 'u1', convertedUser: 'u1', convertedAtMs: AT_MS + 1 })
      expect((await store().listByUser('s1', 'u1')).map(({ id }) => id)).toEqual([earlier.id, session.id])
      expect((await store().find('s1', unprovable.sessionId))?.userId).toBeNull()
      expect((await store().find('s1', others.sessionId))?.userId).toBe('u2')
      expect((await store().link(session, 'u1', AT_MS + 9))?.convertedAtMs).toBe(AT_MS + 1)
    })

    it('refuses another user, also when both come at once', async () => {
      const session = await open()
      const both = await Promise.all(['ua', 'ub'].map((user) => store().link(session, user, AT_MS)))
      expect(both.filter(Boolean)).toHaveLength(1)
    })
  })

  it('ends all sessions of a visitor that share a cookie, and those only', async () => {
    const session = await open()
    const { visitorId, cookieHash } = session
    const sibling = await open({ visitorId, cookieHash }, false)
    const stranger = await open({ cookieHash })
    const ended = await store().retire(session, { atMs: AT_MS + 1, mode: 'off' })
    expect(ended.sort()).toEqual([session.sessionId, sibling.sessionId].sort())
    expect(await store().find('s1', sibling.sessionId)).toMatchObject({
      cookieHash: null,
      mode: 'off',
      expiresAtMs: AT_MS + 1,
    })
    expect((await store().find('s1', stranger.sessionId))?.cookieHash).toBe(cookieHash)
  })

  it('starts one visit of those that are started at once', async () => {
    const session = await open()
    const tries = Array.from({ length: 10 }, () =>
      store().startVisit(session, { id: randomUUID(), atMs: AT_MS, touch: null }),
    )
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
    expect(await store().visitsOf('s1', [session.visitorId])).toEqual({
      count: 1,
      firstAtMs: AT_MS,
      lastAtMs: AT_MS,
    })
    expect(await store().visitsOf('s1', [])).toEqual({ count: 0, firstAtMs: 0, lastAtMs: 0 })
  })

  it('merges profile fields, each with source and time', async () => {
    const session = await open()
    const field = (name: string, value: boolean | number | string, updatedAtMs: number) => ({
      ...{ field: name, value, source: 'identify', updatedAtMs },
    })
    await store().saveProfile(session, [field('a', 'x', 1), field('b', true, 1)])
    await store().saveProfile(session, [field('a', 7, 2)])
    const kept = await store().listProfile(session.visitorId)
    expect(kept.sort((left, right) => left.field.localeCompare(right.field))).toEqual([
      field('a', 7, 2),
      field('b', true, 1),
    ])
  })

  it('keeps the last saved state, null and nested ones too', async () => {
    const session = await open()
    for (const state of [{ a: [1, null] }, null, 'text', 0]) {
      await store().saveProgress(session, { name: 'quiz', state, updatedAtMs: AT_MS })
      expect(await store().findProgress(session.visitorId, 'quiz')).toEqual({
        ...{ name: 'quiz', state, updatedAtMs: AT_MS },
      })
    }
    expect(await store().findProgress(session.visitorId, 'other')).toBeUndefined()
  })

  it('erases a visitor and all that hangs on it, and unties its decisions', async () => {
    const session = await open()
    const other = await open()
    const decision = {
      ...{ siteId: 's1', sessionId: session.sessionId, choice: 'granted' as const, wording: null },
      ...{ mode: 'recognition' as const, byPerson: true, optOutSignal: false, decidedAtMs: AT_MS },
    }
    await store().recordDecision(decision)
    expect(await store().findLastDecision('s1', session.sessionId)).toEqual(decision)
    await store().saveProgress(session, { name: 'quiz', state: 1, updatedAtMs: AT_MS })
    expect(await store().eraseVisitor('s1', session.visitorId)).toEqual({
      ...{ sessions: 1, visits: 0, profileFields: 0, progress: 1 },
    })
    expect(await store().find('s1', session.sessionId)).toBeUndefined()
    expect(await store().findLastDecision('s1', session.sessionId)).toBeUndefined()
    expect(await visitsOfVisitor(session.visitorId)).toBeUndefined()
    expect(await store().find('s1', other.sessionId)).toBeDefined()
    expect(await store().eraseVisitor('s2', other.visitorId)).toMatchObject({ sessions: 0 })
    expect(await visitsOfVisitor(other.visitorId)).toBe(0)
  })
})
