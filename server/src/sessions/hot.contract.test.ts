import { describe, expect, it } from 'vitest'
import { createMemoryHotSessions } from './hot-memory.ts'
import type { HotSession, HotSessions } from './ports.ts'

interface Driver {
  readonly hot: HotSessions
  /** Lets time pass for the driver. */
  advance(ms: number): Promise<void> | void
}

/** Each way to keep hot sessions; a further one is added here and must keep the same promises. */
const drivers: Readonly<Record<string, () => Promise<Driver> | Driver>> = {
  memory() {
    let nowMs = Date.UTC(2026, 0, 1)
    const hot = createMemoryHotSessions({ nowMs: () => nowMs, maxSessions: 3 })
    return {
      hot,
      advance(ms) {
        nowMs += ms
      },
    }
  },
}

const session = (sessionId: string, changes: Partial<HotSession> = {}): HotSession => ({
  ...{ siteId: 's1', sessionId, visitorId: 'v1', mode: 'recognition', cookieHash: null, hasDeviceKey: false },
  ...{
    expiresAtMs: 0,
    visitId: null,
    lastActivityAtMs: 0,
    clockOffsetMs: null,
    firstSeenAtMs: 0,
    pagesVisited: 0,
  },
  ...changes,
})

describe.each(Object.entries(drivers))('hot sessions (%s)', (_name, open) => {
  it('gives back what was set, to its own site only', async () => {
    const { hot } = await open()
    await hot.set(session('a', { visitId: 'visit', pagesVisited: 2 }))
    expect(await hot.get('s1', 'a')).toEqual(session('a', { visitId: 'visit', pagesVisited: 2 }))
    expect(await hot.get('s2', 'a')).toBeUndefined()
    expect(await hot.get('s1', 'b')).toBeUndefined()
  })

  it('writes over what was set before', async () => {
    const { hot } = await open()
    await hot.set(session('a', { pagesVisited: 1 }))
    await hot.set(session('a', { pagesVisited: 2 }))
    expect((await hot.get('s1', 'a'))?.pagesVisited).toBe(2)
  })

  it('forgets a session half an hour after its last use, a read being a use', async () => {
    const { hot, advance } = await open()
    await hot.set(session('a'))
    await advance(29 * 60_000)
    expect(await hot.get('s1', 'a')).toBeDefined()
    await advance(29 * 60_000)
    expect(await hot.get('s1', 'a')).toBeDefined()
    await advance(30 * 60_000)
    expect(await hot.get('s1', 'a')).toBeUndefined()
  })

  it('drops a session at once, and one that is not there without a word', async () => {
    const { hot } = await open()
    await hot.set(session('a'))
    await hot.drop('s1', 'a')
    await hot.drop('s1', 'a')
    expect(await hot.get('s1', 'a')).toBeUndefined()
  })
})

it('keeps no more sessions in memory than it may, those used last', async () => {
  const hot = createMemoryHotSessions({ nowMs: () => 0, maxSessions: 3 })
  for (const id of ['a', 'b', 'c']) await hot.set(session(id))
  await hot.get('s1', 'a')
  await hot.set(session('d'))
  expect(await hot.get('s1', 'b')).toBeUndefined()
  for (const id of ['a', 'c', 'd']) expect(await hot.get('s1', id)).toBeDefined()
})
