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

  it('are those whom links hold to be a marked one, as long as they do; nobody else is marked', async () => {
    const { siteId, store, arrive, link, shared } = open()
    const [known, marked, other] = [await arrive(), await arrive(), await arrive()]
    await link(marked, known)
    await store.markShared(siteId, marked)
    expect(await shared(known, marked, other)).toEqual([false, true, false])
    expect(await Promise.all([known, marked, other].map(store.isShared))).toEqual([true, true, false])
    const change = { atMs: 1, by: 'test', reason: 'two people' }
    await store.split({ siteId, visitorId: marked }, { kind: 'all' }, change)
    expect(await Promise.all([known, marked, other].map(store.isShared))).toEqual([false, true, false])
  })

  it('are not marked from another site, and an id never issued marks nobody', async () => {
    const { siteId, store, arrive, shared } = open()
    const id = await arrive()
    await store.markShared(randomUUID(), id)
    await store.markShared(siteId, randomUUID())
    expect(await shared(id)).toEqual([false])
  })

  it('are those that were linked with somebody who is forgotten, unless they were seen since', async () => {
    const { siteId, store, arrive, link, shared } = open()
    const [known, gone, alive, other] = [await arrive(), await arrive(), await arrive(), await arrive()]
    await link(gone, known)
    await link(alive, known)
    await store.forget(siteId, gone)
    expect(await shared(known, alive, other)).toEqual([true, false, false])
  })

  it('are forgotten and linked by many at once, and none waits for another for ever', async () => {
    const { siteId, store, arrive, link, shared, ids } = open()
    for (let count = 0; count < 12; count += 1) await arrive()
    const [root = '', ...others] = ids
    for (const id of others) await link(id, root)
    const forgotten = others.filter((_id, index) => index % 2 === 0)
    await Promise.all([
      ...others.map((id) => store.markShared(siteId, id)),
      ...forgotten.map((id) => store.forget(siteId, id)),
      ...others.map((id) => link(id, root)),
    ])
    expect(await shared(...ids)).toEqual(ids.map(() => true))
  })
})
