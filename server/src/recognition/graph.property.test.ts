import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { openStorage } from '../open-storage.ts'
import { createDatabase } from '../platform/storage/on-every-engine.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import { openGraph } from '../testing/visitor-graph-rows.ts'

const VISITORS = 4
const place = fc.nat({ max: VISITORS - 1 })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom('link', 'merge'), one: place, other: place }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('from', 'all', 'last'), one: place, other: place }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constantFrom('key', 'ada', 'bob'), one: place, other: place }),
  },
)
// Left to itself it makes lists too short for a circle.
const someSteps = fc.array(step, { maxLength: 25, size: 'max' })
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const BY = { atMs: Date.UTC(2026, 1, 1), by: 'test', reason: 'because' }

let storages: Storage<Tables>[]
beforeAll(async () => {
  storages = [await openStorage(':memory:', ''), await openStorage(await createDatabase(), '')]
})
afterAll(() => Promise.all(storages.map((storage) => storage.close())))

type Graph = ReturnType<typeof openGraph>

async function standing({ siteId, store, ids }: Graph) {
  const links = await Promise.all(ids.map((id) => store.listLinks(siteId, id)))
  const all = new Map(links.flat().map((link) => [link.id, link]))
  return [...all.values()].filter(({ undoneAtMs }) => undoneAtMs === null)
}

/** What somebody does to a graph, or it to itself. */
async function take(graph: Graph, { what, one, other }: Step): Promise<void> {
  const { siteId, store, ids } = graph
  const [visitorId = '', otherId = ''] = [ids[one], ids[other]]
  const isPair = one !== other
  switch (what) {
    case 'link':
      if (isPair) await graph.link(visitorId, otherId)
      return
    case 'merge':
      if (isPair) await graph.merge(visitorId, otherId)
      return
    case 'from':
      if (isPair) await graph.split(visitorId, otherId)
      return
    case 'all':
      await store.split({ siteId, visitorId }, { kind: 'all' }, BY)
      return
    case 'last': {
      const newest = (await standing(graph))
        .sort((left, right) => left.createdAtMs - right.createdAtMs)
        .at(-1)
      if (!newest) return
      const target = { kind: 'link', linkId: newest.id } as const
      await store.split({ siteId, visitorId: newest.visitorId }, target, BY)
      return
    }
    case 'key':
      await graph.giveKey(visitorId)
      await store.keepApart(siteId, visitorId, BY.atMs)
      return
    default:
      await graph.giveUser(visitorId, what)
      await store.keepApart(siteId, visitorId, BY.atMs)
  }
}

/** Persons as lists of places, so that two engines can be compared. */
async function personsOf(graph: Graph): Promise<string> {
  const persons = await graph.persons()
  return JSON.stringify(persons.map((ids) => ids.map((id) => graph.ids.indexOf(id)).sort()).sort())
}

/** A forest: each visitor is one other at most, and as many links as a tree needs. */
async function expectForest(graph: Graph): Promise<void> {
  const links = await standing(graph)
  expect(new Set(links.map(({ visitorId }) => visitorId)).size).toBe(links.length)
  const joined = (await graph.persons()).reduce((sum, ids) => sum + ids.length - 1, 0)
  expect(links).toHaveLength(joined)
}

async function expectNoTwoClaims(graph: Graph, steps: readonly Step[]): Promise<void> {
  const keyed = new Set(steps.flatMap(({ what, one }) => (what === 'key' ? [graph.ids[one]] : [])))
  const users = new Map(
    steps.flatMap(({ what, one }) => (what === 'ada' || what === 'bob' ? [[graph.ids[one], what]] : [])),
  )
  for (const ids of await graph.persons()) {
    expect(ids.filter((id) => keyed.has(id)).length).toBeLessThanOrEqual(1)
    expect(new Set(ids.flatMap((id) => users.get(id) ?? [])).size).toBeLessThanOrEqual(1)
  }
}

/** One step on both engines: they agree before and after it, and every promise holds. */
async function takeEverywhere(graphs: readonly Graph[], steps: readonly Step[], one: Step): Promise<void> {
  await Promise.all(graphs.map((graph) => take(graph, one)))
  const [sqlite, postgres] = await Promise.all(graphs.map(personsOf))
  expect(sqlite).toBe(postgres)
  for (const graph of graphs) {
    await expectForest(graph)
    await expectNoTwoClaims(graph, steps)
  }
}

it('whatever is linked, merged, split and claimed, the graph stays a forest, equal on both engines, and can be undone', async () => {
  await fc.assert(
    fc.asyncProperty(someSteps, async (steps) => {
      const graphs = storages.map(openGraph)
      const ids = Array.from({ length: VISITORS }, () => randomUUID())
      for (const graph of graphs) for (const id of ids) await graph.arrive(null, id)
      for (const [index, one] of steps.entries()) {
        await takeEverywhere(graphs, steps.slice(0, index + 1), one)
      }
      for (const { store, siteId } of graphs) {
        for (const visitorId of ids) await store.split({ siteId, visitorId }, { kind: 'all' }, BY)
      }
      expect(await Promise.all(graphs.map(personsOf))).toEqual(['[]', '[]'])
    }),
    { numRuns: propertyRuns(6) },
  )
})

it('undoing the link that a merge made gives back exactly what was before', async () => {
  await fc.assert(
    fc.asyncProperty(someSteps, place, place, async (steps, one, other) => {
      fc.pre(one !== other)
      for (const storage of storages) {
        const graph = openGraph(storage)
        for (let count = 0; count < VISITORS; count += 1) await graph.arrive()
        for (const each of steps) await take(graph, each)
        const [before, visitorId = '', otherId = ''] = [
          await personsOf(graph),
          graph.ids[one],
          graph.ids[other],
        ]
        const merged = await graph.merge(visitorId, otherId)
        if (merged.kind !== 'merged' || !merged.isNew) continue
        expect(await personsOf(graph)).not.toBe(before)
        const target = { kind: 'link', linkId: merged.link.id } as const
        await graph.store.split({ siteId: graph.siteId, visitorId }, target, BY)
        expect(await personsOf(graph)).toBe(before)
      }
    }),
    { numRuns: propertyRuns(6) },
  )
})
