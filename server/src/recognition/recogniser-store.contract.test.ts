import { randomUUID } from 'node:crypto'
import type { Profile, Remembered, SetName, TakenIn } from '@helloagain/recognition/linkage'
import { describe, expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { createRecogniserStore } from './recogniser-store.ts'

const DAY_MS = 86_400_000
const AT_MS = Date.UTC(2026, 5, 1)
const BOUNDS = { perBlock: 3, candidates: 6 }

interface Taking {
  readonly tokens?: Partial<Record<SetName, string>>
  readonly gained?: readonly string[]
  readonly lost?: readonly string[]
  readonly blocks?: readonly string[]
  readonly atMs?: number
}

/** What a take hands the store: the known profile with one more look. */
function taken(visitorId: string, known: Profile | undefined, taking: Taking): TakenIn {
  const { tokens = {}, gained = [], lost = [], blocks = [], atMs = AT_MS } = taking
  const seen = (token: string): Remembered => ({ token, firstSeenAtMs: atMs, lastSeenAtMs: atMs })
  const sets = Object.entries(tokens).map(([name, token]) => {
    const before = known?.sets[name as SetName] ?? []
    return [name, [...before.filter((one) => one.token !== token), seen(token)]]
  })
  const held = (known?.sets.composites ?? []).filter(({ token }) => !lost.includes(token))
  return {
    profile: {
      visitorId,
      sets: { ...known?.sets, ...Object.fromEntries(sets), composites: [...held, ...gained.map(seen)] },
      ...{ browserFamily: 'chrome', browserMajor: 156, osFamily: 'windows', screenClass: 'laptop' },
      observations: (known?.observations ?? 0) + 1,
      firstSeenAtMs: known?.firstSeenAtMs ?? atMs,
      lastSeenAtMs: atMs,
      ...{ holdsProof: true, noveltyDay: 20_605, noveltyCount: 2 },
    },
    novelties: gained.length,
    gained,
    lost,
    blocks,
  }
}

onEveryEngine('what the recogniser remembers', (storage) => {
  /** A site of its own, so that tests do not count each other's visitors. */
  function openSite() {
    const siteId = randomUUID()
    const store = createRecogniserStore(storage())
    const find = (blocks: readonly string[], counts: readonly string[] = []) =>
      store.find(siteId, { blocks, counts }, BOUNDS)
    const take = (visitorId: string, taking: Taking) =>
      store.change(siteId, visitorId, (known) => taken(visitorId, known, taking))
    return {
      siteId,
      store,
      find,
      take,
      async arrive(taking: Taking = {}) {
        const id = randomUUID()
        const seen = { firstSeenAtMs: AT_MS, lastSeenAtMs: AT_MS, visitCount: 1 }
        await storage()
          .db.insert(storage().tables.visitors)
          .values({ id, siteId, ...seen })
        await take(id, taking)
        return id
      },
      /** By name; 0 where there is none. */
      async counted(...names: string[]) {
        const { visitors, counts } = await find([], names)
        return { visitors, ...Object.fromEntries(names.map((name) => [name, counts.get(name) ?? 0])) }
      },
    }
  }

  describe('a profile', () => {
    it('is read as it was written, values of several times among them', async () => {
      const { siteId, store, take, arrive } = openSite()
      const id = await arrive({ tokens: { canvas: 'c1', screen: 's1' }, gained: ['k1'] })
      await take(id, { tokens: { screen: 's2' }, gained: ['k2'], atMs: AT_MS + DAY_MS })
      const [c1, s1] = [
        { token: 'c1', firstSeenAtMs: AT_MS, lastSeenAtMs: AT_MS },
        { token: 's1', firstSeenAtMs: AT_MS, lastSeenAtMs: AT_MS },
      ]
      const s2 = { token: 's2', firstSeenAtMs: AT_MS + DAY_MS, lastSeenAtMs: AT_MS + DAY_MS }
      const sets = { canvas: [c1], screen: [s1, s2] }
      const composites = [
        { ...s1, token: 'k1' },
        { ...s2, token: 'k2' },
      ]
      expect(await store.findProfile(siteId, id)).toEqual({
        visitorId: id,
        sets: { ...sets, composites },
        ...{ browserFamily: 'chrome', browserMajor: 156, osFamily: 'windows', screenClass: 'laptop' },
        ...{ observations: 2, firstSeenAtMs: AT_MS, lastSeenAtMs: AT_MS + DAY_MS },
        ...{ holdsProof: true, noveltyDay: 20_605, noveltyCount: 2 },
      })
      expect(await store.findProfile(randomUUID(), id)).toBeUndefined()
    })

    it('is not made for a visitor that is not there, nor for one of another site', async () => {
      const { siteId, store, take, arrive, counted } = openSite()
      const gained = ['gone']
      expect(await take(randomUUID(), { gained })).toBe(false)
      const foreigner = await openSite().arrive()
      expect(await take(foreigner, { gained })).toBe(false)
      expect(await store.findProfile(siteId, foreigner)).toBeUndefined()
      expect(await counted('gone')).toEqual({ visitors: 0, gone: 0 })
      const own = await arrive()
      expect(await store.change(siteId, own, () => undefined)).toBe(false)
    })

    it('loses none of many changes at once, and each is counted once', async () => {
      const { siteId, store, arrive, take, counted } = openSite()
      const ids = [await arrive(), await arrive()]
      const tokens = Array.from({ length: 12 }, (_, index) => `t${index}`)
      const takes = ids.flatMap((id) =>
        tokens.map((token) => take(id, { tokens: { [token]: token }, gained: [`k-${token}`, 'shared'] })),
      )
      expect(await Promise.all(takes)).not.toContain(false)
      for (const id of ids) {
        const profile = await store.findProfile(siteId, id)
        expect(profile?.observations).toBe(13)
        expect(Object.keys(profile?.sets ?? {}).sort()).toEqual(['composites', ...tokens].sort())
      }
      expect(await counted('k-t0', 'k-t11')).toEqual({ visitors: 2, 'k-t0': 2, 'k-t11': 2 })
    })

    it('is made once where several requests make it at once', async () => {
      const { siteId, store, arrive, take, counted } = openSite()
      const id = await arrive({ gained: ['k'] })
      await store.forgetProfile(siteId, id)
      const make = () => store.change(siteId, id, (known) => taken(id, known, { gained: known ? [] : ['k'] }))
      expect(await Promise.all(Array.from({ length: 10 }, make))).not.toContain(false)
      expect((await store.findProfile(siteId, id))?.observations).toBe(10)
      expect(await counted('k')).toEqual({ visitors: 1, k: 1 })
      await take(id, {})
    })
  })

  describe('candidates', () => {
    it('are those under the blocks, the most telling block first, then those seen last; each once', async () => {
      const { find, arrive } = openSite()
      const broad = await arrive({ blocks: ['b2'], atMs: AT_MS + 3 * DAY_MS })
      const older = await arrive({ blocks: ['b1', 'b2'], atMs: AT_MS })
      const newer = await arrive({ blocks: ['b1'], atMs: AT_MS + DAY_MS })
      await arrive({ blocks: ['b3'] })
      const { candidates } = await find(['b1', 'b2', 'none'])
      expect(candidates.map(({ profile }) => profile.visitorId)).toEqual([older, newer, broad])
      expect(candidates.every(({ isListedWhole }) => isListedWhole)).toBe(true)
      expect(candidates[0]?.profile.sets).not.toHaveProperty('composites')
    })

    it('are none of another site, nor any without a block', async () => {
      const { find, arrive } = openSite()
      await openSite().arrive({ blocks: ['b1'] })
      await arrive({ blocks: ['b1'] })
      expect((await find(['b1'])).candidates).toHaveLength(1)
      expect((await find([])).candidates).toEqual([])
    })

    it('are the newest of a crowd, of which it is told that it is not whole', async () => {
      const { find, arrive } = openSite()
      const crowd: string[] = []
      for (let day = 0; day < 5; day += 1)
        crowd.push(await arrive({ blocks: ['b1'], atMs: AT_MS + day * DAY_MS }))
      const lone = await arrive({ blocks: ['b0', 'b1'], atMs: AT_MS - DAY_MS })
      const { candidates } = await find(['b0', 'b1'])
      const newest = crowd.slice(-3).reverse()
      expect(candidates.map(({ profile, isListedWhole }) => [profile.visitorId, isListedWhole])).toEqual([
        [lone, true],
        ...newest.map((id) => [id, false]),
      ])
    })

    it('are bounded in all, and what was cut off makes a block not whole', async () => {
      const { find, arrive } = openSite()
      for (const block of ['b0', 'b1', 'b2']) {
        for (let count = 0; count < 3; count += 1) await arrive({ blocks: [block] })
      }
      const { candidates } = await find(['b0', 'b1', 'b2'])
      expect(candidates).toHaveLength(BOUNDS.candidates)
      expect(candidates.every(({ isListedWhole }) => isListedWhole)).toBe(true)
      await arrive({ blocks: ['b0', 'b1'] })
      const more = (await find(['b0', 'b1', 'b2'])).candidates
      expect(more).toHaveLength(BOUNDS.candidates)
      expect(more.filter(({ isListedWhole }) => isListedWhole)).toEqual([])
    })

    it('come with the visitor that the first standing link holds them to be', async () => {
      const { siteId, find, arrive } = openSite()
      const [known, other] = [await arrive({ blocks: ['b'] }), await arrive()]
      const linked = await arrive({ blocks: ['b'], atMs: AT_MS - DAY_MS })
      const link = (knownVisitorId: string, createdAtMs: number, undoneAtMs: number | null) => ({
        ...{ id: randomUUID(), siteId, visitorId: linked, knownVisitorId, createdAtMs, undoneAtMs },
        ...{ method: randomUUID(), confidence: 99, observationConfidence: 90, anonymitySet: 1 },
      })
      const { db, tables } = storage()
      await db
        .insert(tables.visitorLinks)
        .values([link(other, 1, 2), link(known, 2, null), link(other, 3, null)])
      const found = (await find(['b'])).candidates.map(({ knownAs }) => knownAs)
      expect(found).toEqual([undefined, known])
    })

    it('are found where they were seen last, not where their forgotten values led', async () => {
      const { find, arrive, take } = openSite()
      const id = await arrive({ tokens: { screen: 's1' }, blocks: ['old', 'both'], gained: ['k'] })
      const later = AT_MS + 40 * DAY_MS
      await take(id, { tokens: { screen: 's1' }, blocks: ['both', 'new'], lost: ['k'], atMs: later })
      const under = async (block: string) => (await find([block])).candidates.length
      expect([await under('old'), await under('both'), await under('new')]).toEqual([0, 1, 1])
    })
  })

  describe('counts', () => {
    it('are of profiles by key, and go with what a profile loses', async () => {
      const { arrive, take, counted } = openSite()
      const first = await arrive({ gained: ['a', 'b'] })
      await arrive({ gained: ['a'] })
      expect(await counted('a', 'b', 'c')).toEqual({ visitors: 2, a: 2, b: 1, c: 0 })
      await take(first, { lost: ['a', 'b'], gained: ['c'] })
      expect(await counted('a', 'b', 'c')).toEqual({ visitors: 2, a: 1, b: 0, c: 1 })
    })

    it('are lowered once where a profile is forgotten, however often', async () => {
      const { siteId, store, find, arrive, counted } = openSite()
      const id = await arrive({ gained: ['a', 'b'], blocks: ['b1', 'b2'] })
      await arrive({ gained: ['a'] })
      const gone = await Promise.all([0, 1, 2].map(() => store.forgetProfile(siteId, id)))
      expect(gone.sort()).toEqual([0, 0, 3])
      expect(await counted('a', 'b')).toEqual({ visitors: 1, a: 1, b: 0 })
      expect((await find([], ['a', 'b'])).counts).toEqual(new Map([['a', 1]]))
      expect((await find(['b1'])).candidates).toEqual([])
      expect(await store.findProfile(siteId, id)).toBeUndefined()
    })
  })

  it('adds tallies up, beyond 2^31', async () => {
    const { siteId, store } = openSite()
    expect(await store.tallies(siteId)).toEqual(new Map())
    const many = { hits: 2 ** 30, total: 2 ** 31 }
    await store.addTallies(siteId, new Map([['seen', many]]))
    await store.addTallies(
      siteId,
      new Map([
        ['seen', many],
        ['other', { hits: 0, total: 1 }],
      ]),
    )
    expect(await store.tallies(siteId)).toEqual(
      new Map([
        ['seen', { hits: 2 ** 31, total: 2 ** 32 }],
        ['other', { hits: 0, total: 1 }],
      ]),
    )
    expect(await store.tallies(randomUUID())).toEqual(new Map())
  })

  it('reads the learned weights that are live, the newest', async () => {
    const { siteId, store } = openSite()
    expect(await store.liveWeights(siteId)).toBeUndefined()
    const { db, tables } = storage()
    const model = (version: number, state: 'live' | 'refused' | 'retired') => ({
      ...{ id: randomUUID(), siteId, version, state, weights: { version }, report: {}, createdAtMs: AT_MS },
    })
    await db
      .insert(tables.recognitionModels)
      .values([model(1, 'retired'), model(2, 'live'), model(3, 'refused')])
    expect(await store.liveWeights(siteId)).toEqual({ version: 2 })
  })
})

onEveryEngine('what has not been seen for long', (storage) => {
  it('is deleted piece by piece, its counts with it, and nothing else', async () => {
    const { db, tables } = storage()
    const store = createRecogniserStore(storage())
    const siteId = randomUUID()
    const arrive = async (atMs: number) => {
      const id = randomUUID()
      const seen = { firstSeenAtMs: atMs, lastSeenAtMs: atMs }
      await db.insert(tables.visitors).values({ id, siteId, visitCount: 1, ...seen })
      const taking = { gained: ['k'], blocks: ['b'], atMs }
      await store.change(siteId, id, (known) => taken(id, known, taking))
      const row = { siteId, visitorId: id, ...seen }
      const print = { fingerprint: id, observationConfidence: 90, source: 'client_header' as const }
      await db.insert(tables.visitorFingerprints).values({ ...row, ...print })
      await db.insert(tables.visitorDeviceIds).values({ ...row, deviceToken: id })
      return id
    }
    for (let count = 0; count < 5; count += 1) await arrive(AT_MS - 1)
    const young = await arrive(AT_MS)
    // Cut short after each piece, and two servers at once, counts are right all the time.
    expect(await store.expire(AT_MS, 2)).toBe(6)
    const counted = async () => {
      const { visitors, counts } = await store.find(siteId, { blocks: [], counts: ['k'] }, BOUNDS)
      return [visitors, counts.get('k')]
    }
    expect(await counted()).toEqual([4, 4])
    const both = await Promise.all([store.expire(AT_MS, 2), store.expire(AT_MS, 2)])
    const last = await store.expire(AT_MS, 2)
    expect(both.reduce((sum, rows) => sum + rows, last)).toBe(9)
    expect(await store.expire(AT_MS, 2)).toBe(0)
    expect(await counted()).toEqual([1, 1])
    for (const table of [
      tables.visitorProfiles,
      tables.visitorBlocks,
      tables.visitorFingerprints,
      tables.visitorDeviceIds,
    ]) {
      expect(await db.select({ visitorId: table.visitorId }).from(table)).toEqual([{ visitorId: young }])
    }
    expect(await db.select().from(tables.visitors)).toHaveLength(6)
  })
})
