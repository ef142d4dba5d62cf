import { asc, eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { openGraph } from '../testing/visitor-graph-rows.ts'

const AT_MS = Date.UTC(2026, 1, 1)
const HOUR_MS = 3_600_000

onEveryEngine('users at browsers', (storage) => {
  async function open() {
    const graph = openGraph(storage())
    const { siteId, store } = graph
    const visitorId = await graph.arrive()
    const { userDeviceEdges: edges } = storage().tables
    const at = (userId: string) => ({ siteId, visitorId, userId })
    return {
      ...graph,
      visitorId,
      arriveAt: (userId: string, atMs: number, untilMs: number | null = null) =>
        store.openEdge(at(userId), atMs, untilMs),
      leaveAt: (userId: string, atMs: number) => store.closeEdges(at(userId), atMs),
      count: (atMs: number) => store.countEdges(siteId, visitorId, atMs),
      rows: async () => {
        const rows = await storage()
          .db.select()
          .from(edges)
          .where(eq(edges.visitorId, visitorId))
          .orderBy(asc(edges.fromMs))
        return rows.map(({ userId, fromMs, toMs }) => [userId, fromMs, toMs])
      },
    }
  }

  it('lasts from log-in to log-out', async () => {
    const { arriveAt, leaveAt, count, rows } = await open()
    await arriveAt('ada', AT_MS, AT_MS + HOUR_MS)
    expect(await count(AT_MS + 1)).toEqual({ total: 1, open: 1 })
    await leaveAt('ada', AT_MS + 10)
    expect(await rows()).toEqual([['ada', AT_MS, AT_MS + 10]])
    expect(await count(AT_MS + 10)).toEqual({ total: 1, open: 0 })
    await leaveAt('ada', AT_MS + 20)
    expect(await rows()).toEqual([['ada', AT_MS, AT_MS + 10]])
  })

  it('ends by itself when the log-in expires, and lasts longer when it is prolonged', async () => {
    const { arriveAt, count, rows } = await open()
    await arriveAt('ada', AT_MS, AT_MS + HOUR_MS)
    await arriveAt('ada', AT_MS + 10, AT_MS + 2 * HOUR_MS)
    expect(await rows()).toEqual([['ada', AT_MS, AT_MS + 2 * HOUR_MS]])
    expect(await count(AT_MS + 2 * HOUR_MS)).toEqual({ total: 1, open: 0 })
    await arriveAt('ada', AT_MS + 3 * HOUR_MS, AT_MS + 4 * HOUR_MS)
    expect(await count(AT_MS + 3 * HOUR_MS)).toEqual({ total: 2, open: 1 })
  })

  it('keeps the end a log-in set when a conversion knows none', async () => {
    const { arriveAt, rows } = await open()
    await arriveAt('ada', AT_MS, AT_MS + HOUR_MS)
    await arriveAt('ada', AT_MS + 1)
    expect(await rows()).toEqual([['ada', AT_MS, AT_MS + HOUR_MS]])
  })

  it('ends when somebody else arrives at the same browser', async () => {
    const { arriveAt, rows, leaveAt } = await open()
    await arriveAt('ada', AT_MS)
    await arriveAt('bob', AT_MS + 5)
    await leaveAt('ada', AT_MS + 6)
    expect(await rows()).toEqual([
      ['ada', AT_MS, AT_MS + 5],
      ['bob', AT_MS + 5, null],
    ])
  })

  it('is one however often a log-in is told at once', async () => {
    const { arriveAt, rows } = await open()
    await Promise.all(Array.from({ length: 10 }, () => arriveAt('ada', AT_MS)))
    expect(await rows()).toEqual([['ada', AT_MS, null]])
  })

  it('is not opened at a visitor that is gone or another site’s, and goes with its visitor', async () => {
    const { store, siteId, visitorId, arriveAt, eraseVisitor, rows } = await open()
    await store.openEdge({ siteId: 'another', visitorId, userId: 'ada' }, AT_MS, null)
    expect(await rows()).toEqual([])
    await arriveAt('ada', AT_MS)
    await eraseVisitor(visitorId)
    await arriveAt('ada', AT_MS)
    expect(await store.countEdges(siteId, visitorId, AT_MS)).toEqual({ total: 0, open: 0 })
  })

  it('is forgotten with what the visitor could be recognised by', async () => {
    const { store, siteId, visitorId, arriveAt, rows } = await open()
    await arriveAt('ada', AT_MS)
    expect(await store.forget(siteId, visitorId)).toBe(1)
    expect(await rows()).toEqual([])
  })
})
