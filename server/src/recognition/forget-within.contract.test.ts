import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { createSessionStore } from '../sessions/store.ts'
import { forgetProfileWithin } from './forget-within-rows.ts'
import { createRecogniserStore } from './recogniser-store.ts'

const AT_MS = Date.UTC(2026, 5, 1)

onEveryEngine('erasing a visitor while a look at its browser is taken in', (storage) => {
  const open = () => {
    const { db, tables } = storage()
    const siteId = randomUUID()
    const profiles = createRecogniserStore(storage())
    const sessions = createSessionStore(storage(), forgetProfileWithin)
    const seen = { token: 'k', firstSeenAtMs: AT_MS, lastSeenAtMs: AT_MS }
    return {
      profiles,
      siteId,
      async arrive() {
        const id = randomUUID()
        const first = { firstSeenAtMs: AT_MS, lastSeenAtMs: AT_MS, visitCount: 1 }
        await db.insert(tables.visitors).values({ id, siteId, ...first })
        return id
      },
      take: (visitorId: string) =>
        profiles.change(siteId, visitorId, (known) => ({
          profile: {
            ...{ visitorId, sets: { composites: [seen] }, observations: 1 + (known?.observations ?? 0) },
            ...{ browserFamily: 'chrome', browserMajor: 156, osFamily: 'windows', screenClass: 'laptop' },
            ...{
              firstSeenAtMs: AT_MS,
              lastSeenAtMs: AT_MS,
              holdsProof: true,
              noveltyDay: 1,
              noveltyCount: 1,
            },
          },
          ...{ novelties: 1, gained: known ? [] : ['k'], lost: [], blocks: ['b'] },
        })),
      erase: (visitorId: string) => sessions.eraseVisitor(siteId, visitorId),
      async counted() {
        const { visitors, counts } = await profiles.find(
          siteId,
          { blocks: [], counts: ['k'] },
          { perBlock: 1, candidates: 1 },
        )
        return [visitors, counts.get('k') ?? 0]
      },
    }
  }

  it('takes what came between forgetting and deleting back out of the counts', async () => {
    const { siteId, profiles, arrive, take, erase, counted } = open()
    const [gone, other] = [await arrive(), await arrive()]
    for (const id of [gone, other]) await take(id)
    await profiles.forgetProfile(siteId, gone)
    await take(gone)
    await erase(gone)
    expect(await counted()).toEqual([1, 1])
    expect(await profiles.findProfile(siteId, gone)).toBeUndefined()
    expect(await take(gone)).toBe(false)
    expect(await counted()).toEqual([1, 1])
  })

  it('counts nobody who is gone, whichever of many was first', async () => {
    const { arrive, take, erase, counted } = open()
    await take(await arrive())
    const gone = await Promise.all(Array.from({ length: 20 }, arrive))
    await Promise.all(gone.flatMap((id) => [take(id), erase(id), take(id)]))
    expect(await counted()).toEqual([1, 1])
  })

  it('leaves a visitor of another site alone', async () => {
    const { arrive, take, counted } = open()
    const id = await arrive()
    await take(id)
    await open().erase(id)
    expect(await counted()).toEqual([1, 1])
  })
})
