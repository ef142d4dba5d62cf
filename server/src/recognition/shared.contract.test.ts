import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { openGraph } from '../testing/visitor-graph-rows.ts'

onEveryEngine('visitors of a shared browser', (storage) => {
  const open = () => {
    const graph = openGraph(storage())
    const { siteId, store } = graph
    return {
      ...graph,
      shared: async (...ids: readonly string[]) => {
        const found = await Promise.all(ids.map((id) => store.findVisitor(siteId, id)))
        return found.map((visitor) => visitor?.isShared)
      },
    }
  }

  it('are all whom links hold to be one with the marked one, at that moment, and nobody else', async () => {
    const { siteId, store, arrive, link, shared } = open()
    const [oldest, middle, youngest, undone, other] = await Promise.all([1, 2, 3, 4, 5].map(() => arrive()))
    const [a = '', b = '', c = '', d = '', e = ''] = [oldest, middle, youngest, undone, other]
    await link(b, a)
    await link(c, b)
    await link(d, a)
    await store.split({ siteId, visitorId: d }, { kind: 'all' }, { atMs: 1, by: 'test', reason: 'two' })
    expect(await shared(a, b, c, d, e)).toEqual([false, false, false, false, false])
    await store.markShared(siteId, b)
    expect(await shared(a, b, c, d, e)).toEqual([true, true, true, false, false])
  })

  it('are not marked from another site, and an id never issued marks nobody', async () => {
    const { siteId, store, arrive, shared } = open()
    const id = await arrive()
    await store.markShared(randomUUID(), id)
    await store.markShared(siteId, randomUUID())
    expect(await shared(id)).toEqual([false])
  })

  it('are marked, linked and forgotten by many at once, and none waits for another for ever', async () => {
    const { siteId, store, arrive, link, shared, ids } = open()
    for (let count = 0; count < 12; count += 1) await arrive()
    const [root = '', ...others] = ids
    for (const id of others) await link(id, root)
    const [gone = '', ...left] = others.reverse()
    const marks = [...ids, ...ids].map((id) => store.markShared(siteId, id))
    await Promise.all([...marks, store.forget(siteId, gone), ...left.map((id) => link(id, root))])
    expect(await shared(root, ...left)).toEqual([root, ...left].map(() => true))
  })

  it('are those that were linked with somebody who is forgotten', async () => {
    const { siteId, store, arrive, link, shared } = open()
    const [known, gone, other] = [await arrive(), await arrive(), await arrive()]
    await link(gone, known)
    await store.forget(siteId, gone)
    expect(await shared(known, other)).toEqual([true, false])
  })
})
