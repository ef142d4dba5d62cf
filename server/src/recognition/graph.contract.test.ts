import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { openGraph } from '../testing/visitor-graph-rows.ts'

const BY = { atMs: Date.UTC(2026, 1, 1), by: 'key-1', reason: 'support ticket 7' }

onEveryEngine('visitor graph', (storage) => {
  const open = () => openGraph(storage())

  describe('merge', () => {
    it('makes the younger visitor the older one, with who, when and why', async () => {
      const { siteId, store, arrive } = open()
      const [older, younger] = [await arrive(), await arrive()]
      const merged = await store.merge(siteId, [older, younger], BY)
      expect(merged).toMatchObject({
        kind: 'merged',
        isNew: true,
        link: {
          ...{ visitorId: younger, knownVisitorId: older, method: 'merge', createdAtMs: BY.atMs },
          ...{ undoneAtMs: null, evidence: { groups: {}, changes: [{ what: 'made', ...BY }] } },
        },
      })
      expect(await store.knownAs([older, younger])).toEqual(new Map([[younger, older]]))
      expect(await store.listLinks(siteId, older)).toEqual(await store.listLinks(siteId, younger))
    })

    it('done twice, from either end, is done once', async () => {
      const { siteId, store, arrive } = open()
      const [one, two] = [await arrive(), await arrive()]
      const first = await store.merge(siteId, [one, two], BY)
      expect(await store.merge(siteId, [two, one], BY)).toEqual({ ...first, isNew: false })
      expect(await store.listLinks(siteId, one)).toHaveLength(1)
    })

    it('of people that are several visitors each joins them all, and its undoing gives back both', async () => {
      const { siteId, store, arrive, merge, persons } = open()
      const [a, a2, b, b2] = [await arrive(), await arrive(), await arrive(), await arrive()]
      await merge(a, a2)
      await merge(b, b2)
      const before = await persons()
      const merged = await store.merge(siteId, [a2, b2], BY)
      expect(await persons()).toEqual([[a, a2, b, b2].sort()])
      const linkId = merged.kind === 'merged' ? merged.link.id : ''
      await store.split({ siteId, visitorId: a2 }, { kind: 'link', linkId }, BY)
      expect(await persons()).toEqual(before)
    })

    it('is refused where both people hold a device key, and passes where one does', async () => {
      const { siteId, store, arrive, merge, giveKey } = open()
      const [a, a2, b] = [await arrive(), await arrive(), await arrive()]
      await giveKey(a)
      await merge(a2, a)
      await giveKey(b)
      expect(await store.merge(siteId, [a2, b], BY)).toEqual({ kind: 'conflict', conflict: 'both_hold_keys' })
      expect(await store.knownAs([a2, b])).toEqual(new Map([[a2, a]]))
    })

    it('counts no key that was revoked', async () => {
      const { siteId, store, arrive, giveKey } = open()
      const [a, b] = [await arrive(), await arrive()]
      await giveKey(a)
      await giveKey(b, BY.atMs)
      expect((await store.merge(siteId, [a, b], BY)).kind).toBe('merged')
    })

    it('is refused where they belong to two users, and passes where it is one', async () => {
      const { siteId, store, arrive, merge } = open()
      const [ada, ada2, bob] = [await arrive('ada'), await arrive('ada'), await arrive('bob')]
      const nobody = await arrive()
      await merge(ada, ada2)
      await merge(ada2, nobody)
      expect(await store.merge(siteId, [nobody, bob], BY)).toEqual({
        kind: 'conflict',
        conflict: 'two_users',
      })
    })

    it('knows no visitor of another site', async () => {
      const { siteId, store, arrive } = open()
      const stranger = await open().arrive()
      const own = await arrive()
      for (const pair of [
        [own, stranger],
        [stranger, own],
        [own, randomUUID()],
      ] as const) {
        expect(await store.merge(siteId, pair, BY)).toEqual({ kind: 'not_found' })
      }
      expect(await store.listLinks(siteId, own)).toEqual([])
    })

    it('by many at once, in both directions and round in a circle, makes one person and no circle', async () => {
      const { siteId, store, arrive, persons } = open()
      const ids = await Promise.all(Array.from({ length: 6 }, () => arrive()))
      const pairs = ids.flatMap((one) => ids.filter((id) => id !== one).map((other) => [one, other] as const))
      await Promise.all(pairs.map((pair) => store.merge(siteId, pair, BY)))
      expect(await persons()).toEqual([[...ids].sort()])
      const links = await Promise.all(ids.map((id) => store.listLinks(siteId, id)))
      expect(new Set(links.flat().map(({ visitorId }) => visitorId)).size).toBe(ids.length - 1)
      expect(new Set(links.flat().map(({ id }) => id)).size).toBe(ids.length - 1)
    })
  })

  describe('split', () => {
    it('undoes one link, says why, and done twice is done once', async () => {
      const { siteId, store, arrive, link, persons } = open()
      const [a, b, c] = [await arrive(), await arrive(), await arrive()]
      await link(b, a)
      await link(c, a)
      const [found] = await store.listLinks(siteId, b)
      const target = { kind: 'link', linkId: found?.id ?? '' } as const
      const split = await store.split({ siteId, visitorId: a }, target, BY)
      expect(split).toMatchObject({
        kind: 'split',
        undone: [{ visitorId: b, undoneAtMs: BY.atMs, undoneReason: BY.reason }],
      })
      expect(await store.split({ siteId, visitorId: a }, target, BY)).toEqual({ kind: 'split', undone: [] })
      expect(await persons()).toEqual([[a, c].sort()])
      const [after] = await store.listLinks(siteId, b)
      expect(after?.evidence?.changes).toEqual([{ what: 'undone', ...BY }])
    })

    it('undoes all links of a visitor, and then each one at it stands alone', async () => {
      const { siteId, store, arrive, link, persons } = open()
      const [a, b, c] = [await arrive(), await arrive(), await arrive()]
      await link(b, a)
      await link(c, b)
      expect(await store.split({ siteId, visitorId: b }, { kind: 'all' }, BY)).toMatchObject({
        undone: [{ visitorId: b }, { visitorId: c }],
      })
      expect(await persons()).toEqual([])
    })

    it('from another visitor undoes the link by which they came to be one', async () => {
      const { siteId, store, arrive, link, merge, persons } = open()
      const [a, a2, b, b2] = [await arrive(), await arrive(), await arrive(), await arrive()]
      await link(a2, a)
      await link(b2, b)
      await merge(a2, b2)
      await store.split({ siteId, visitorId: b2 }, { kind: 'from', visitorId: a }, BY)
      expect(await persons()).toEqual([[a, a2].sort(), [b, b2].sort()].sort())
    })

    it('is remembered: the pair is never linked again but by a merge, by whatever method', async () => {
      const { siteId, store, arrive, link, merge, persons } = open()
      const [a, b] = [await arrive(), await arrive()]
      await link(b, a)
      await store.split({ siteId, visitorId: b }, { kind: 'all' }, BY)
      for (const method of ['device_id', 'fingerprint_recognized']) {
        await link(b, a, method)
        await link(a, b, method)
      }
      expect(await persons()).toEqual([])
      await merge(a, b)
      expect(await persons()).toEqual([[a, b].sort()])
      await store.split({ siteId, visitorId: b }, { kind: 'all' }, BY)
      await link(b, a, 'device_id')
      expect(await persons()).toEqual([])
      const merges = (await store.listLinks(siteId, a)).filter(({ method }) => method === 'merge')
      expect(merges.map(({ evidence }) => evidence?.changes?.map(({ what }) => what))).toEqual([
        ['made', 'undone'],
      ])
    })

    it('is remembered of people: no third visitor’s link joins them either', async () => {
      const { siteId, store, arrive, link, persons } = open()
      const [a, a2, b, b2] = [await arrive(), await arrive(), await arrive(), await arrive()]
      await link(a2, a)
      await link(b, a)
      await store.split({ siteId, visitorId: b }, { kind: 'from', visitorId: a }, BY)
      await link(b2, b)
      await link(b, a2)
      expect(await persons()).toEqual([[a, a2].sort(), [b, b2].sort()].sort())
    })

    it('holds two apart that nothing links yet', async () => {
      const { siteId, store, arrive, link, persons } = open()
      const [a, b] = [await arrive(), await arrive()]
      const from = { kind: 'from', visitorId: a } as const
      expect(await store.split({ siteId, visitorId: b }, from, BY)).toEqual({ kind: 'split', undone: [] })
      await link(b, a)
      expect(await persons()).toEqual([])
      expect(await store.listLinks(siteId, b)).toMatchObject([{ method: 'split', undoneAtMs: BY.atMs }])
    })

    it('knows no visitor and no link of another site, and no link between two others', async () => {
      const { siteId, store, arrive, link } = open()
      const [a, b, alone] = [await arrive(), await arrive(), await arrive()]
      await link(b, a)
      const other = open()
      const stranger = await other.arrive()
      const linkId = (await store.listLinks(siteId, a))[0]?.id ?? ''
      const split = (site: string, visitorId: string, target: Parameters<typeof store.split>[1]) =>
        store.split({ siteId: site, visitorId }, target, BY)
      const byLink = { kind: 'link', linkId } as const
      expect(await split(other.siteId, stranger, byLink)).toEqual({ kind: 'link_not_found' })
      expect(await split(siteId, alone, byLink)).toEqual({ kind: 'link_not_found' })
      expect(await split(siteId, stranger, { kind: 'all' })).toEqual({ kind: 'not_found' })
      expect(await split(siteId, a, { kind: 'from', visitorId: stranger })).toEqual({ kind: 'not_found' })
      expect((await store.listLinks(siteId, a))[0]?.undoneAtMs).toBeNull()
    })

    it('by many at once undoes each link once', async () => {
      const { siteId, store, arrive, link } = open()
      const [a, b] = [await arrive(), await arrive()]
      await link(b, a)
      const tries = Array.from({ length: 10 }, (_, index) =>
        store.split({ siteId, visitorId: index % 2 ? a : b }, { kind: 'all' }, BY),
      )
      const undone = (await Promise.all(tries)).flatMap((split) =>
        split.kind === 'split' ? split.undone : [],
      )
      expect(undone).toHaveLength(1)
    })
  })

  describe('links that recognition makes', () => {
    it('never make a visitor two others', async () => {
      const { arrive, link, persons } = open()
      const [a, b, c] = [await arrive(), await arrive(), await arrive()]
      await link(c, a)
      await link(c, b)
      expect(await persons()).toEqual([[a, c].sort()])
    })

    it('never make a circle', async () => {
      const { arrive, link, persons, store } = open()
      const [a, b, c] = [await arrive(), await arrive(), await arrive()]
      await link(b, a)
      await link(c, b)
      await link(a, c)
      expect(await persons()).toEqual([[a, b, c].sort()])
      expect((await store.knownAs([a, b, c])).size).toBe(2)
    })

    it.each([
      ['device keys', (graph: ReturnType<typeof open>, id: string) => graph.giveKey(id)],
      ['users', (graph: ReturnType<typeof open>, id: string) => graph.giveUser(id, randomUUID())],
    ])('are shown but do not stand between visitors that both have %s', async (_what, give) => {
      const graph = open()
      const { siteId, store, arrive, link, persons } = graph
      const [a, b] = [await arrive(), await arrive()]
      await give(graph, a)
      await give(graph, b)
      await link(b, a)
      expect(await persons()).toEqual([])
      const [shown] = await store.listLinks(siteId, b)
      expect(shown?.undoneAtMs).toBe(shown?.createdAtMs)
      expect(shown?.undoneReason).toMatch(/^(Both hold a device key|They belong to two users)\.$/)
    })

    it.each([
      ['a device key', (graph: ReturnType<typeof open>, id: string) => graph.giveKey(id)],
      ['a user', (graph: ReturnType<typeof open>, id: string) => graph.giveUser(id, randomUUID())],
    ])('are undone when a visitor comes to have %s as another one has', async (_what, give) => {
      const graph = open()
      const { siteId, store, arrive, link, persons } = graph
      const [a, middle, b] = [await arrive(), await arrive(), await arrive()]
      await link(middle, a)
      await link(b, middle)
      await give(graph, a)
      expect(await store.keepApart(siteId, a, BY.atMs)).toEqual([])
      await give(graph, b)
      expect(await store.keepApart(siteId, b, BY.atMs)).toMatchObject([
        {
          visitorId: b,
          knownVisitorId: middle,
          undoneAtMs: BY.atMs,
          evidence: { changes: [{ by: 'server' }] },
        },
      ])
      expect(await persons()).toEqual([[a, middle].sort()])
      expect(await store.keepApart(siteId, b, BY.atMs)).toEqual([])
    })

    it('and claims of one moment leave no two keys in one person', async () => {
      const graph = open()
      const { siteId, store, arrive, link, giveKey } = graph
      for (let round = 0; round < 10; round += 1) {
        const [a, b] = [await arrive(), await arrive()]
        const claim = async (id: string) => {
          await giveKey(id)
          await store.keepApart(siteId, id, BY.atMs)
        }
        await Promise.all([claim(a), link(b, a), claim(b)])
        expect(await store.knownAs([a, b])).toEqual(new Map())
      }
    })

    it('and merges of one moment with an erasure leave no trace of whom is gone', async () => {
      const graph = open()
      const { siteId, store, arrive, link, eraseVisitor, persons } = graph
      const [a, b, c] = [await arrive(), await arrive(), await arrive()]
      await Promise.all([link(b, a), eraseVisitor(a), store.merge(siteId, [c, a], BY)])
      expect(await persons()).toEqual([])
      expect(await store.listLinks(siteId, a)).toEqual([])
    })
  })
})
