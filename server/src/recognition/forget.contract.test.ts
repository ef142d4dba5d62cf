import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { readRecognitionRows } from '../testing/recognition-rows.ts'
import { openGraph } from '../testing/visitor-graph-rows.ts'

const AT_MS = Date.UTC(2026, 1, 1)

onEveryEngine('forgetting a visitor', (storage) => {
  const open = () => {
    const graph = openGraph(storage())
    const { siteId, store } = graph
    const { db, tables } = storage()
    return {
      ...graph,
      /** All that can be kept of a visitor, each once. */
      async remember(visitorId: string) {
        const sighting = { siteId, visitorId, atMs: AT_MS }
        const observation = { confidence: 90, bits: 13, source: 'client_header' as const }
        await store.rememberFingerprint(sighting, { hash: randomUUID().replaceAll('-', ''), ...observation })
        await store.rememberDevice(sighting, randomUUID())
        await store.openEdge({ siteId, visitorId, userId: 'ada' }, AT_MS, null)
        await graph.giveKey(visitorId)
      },
      keepTrial: (visitorId: string, best: string) =>
        db.insert(tables.recognitionTrials).values({
          ...{ id: randomUUID(), siteId, visitorId, atMs: AT_MS, browserFamily: 'chrome', isReturn: false },
          ...{ method: 'new', confidence: 90, isRight: null, input: { deep: [{ best }] } },
        }),
    }
  }

  it('leaves no row that is about it or names it, and those of others as they were', async () => {
    const { siteId, store, arrive, remember, link, keepTrial } = open()
    const [known, other, gone] = [await arrive(), await arrive(), await arrive()]
    for (const id of [known, other]) await remember(id)
    await keepTrial(other, known)
    const before = await readRecognitionRows(storage())
    await remember(gone)
    await link(gone, other)
    await keepTrial(gone, known)
    await keepTrial(other, gone)
    expect(await store.forget(siteId, gone)).toBe(7)
    expect(await readRecognitionRows(storage())).toEqual(before)
    expect(await store.forget(siteId, gone)).toBe(0)
  })

  it('leaves a visitor of another site alone', async () => {
    const { store, arrive, remember } = open()
    const visitorId = await arrive()
    await remember(visitorId)
    const before = await readRecognitionRows(storage())
    expect(await store.forget(randomUUID(), visitorId)).toBe(0)
    expect(await readRecognitionRows(storage())).toEqual(before)
  })
})
