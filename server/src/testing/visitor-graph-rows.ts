import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import { createRecognitionStore } from '../recognition/store.ts'
import type { Tables } from '../tables.ts'

const START_MS = Date.UTC(2026, 0, 1)

/** Test support: visitors of a site of its own, and what may be done to the links between them. */
export function openGraph(storage: Storage<Tables>) {
  const siteId = randomUUID()
  const store = createRecognitionStore(storage)
  const { db, tables } = storage
  const ids: string[] = []
  let atMs = START_MS
  const tick = () => {
    atMs += 1000
    return atMs
  }

  return {
    siteId,
    store,
    ids,
    /** Each one younger than the one before. */
    async arrive(userId: string | null = null, id: string = randomUUID()) {
      const at = tick()
      await store.insertVisitor({
        ...{ id, siteId, userId, firstSeenAtMs: at, lastSeenAtMs: at, visitCount: 1, botReasons: null },
      })
      ids.push(id)
      return id
    },
    async giveKey(visitorId: string, revokedAtMs: number | null = null) {
      const at = tick()
      await db.insert(tables.deviceKeys).values({
        ...{ siteId, keyId: randomUUID(), visitorId, publicJwk: {} },
        ...{ createdAtMs: at, lastUsedAtMs: at, revokedAtMs },
      })
    },
    async giveUser(visitorId: string, userId: string) {
      await db.update(tables.visitors).set({ userId }).where(eq(tables.visitors.id, visitorId))
    },
    eraseVisitor: async (visitorId: string) => {
      await db.delete(tables.visitors).where(eq(tables.visitors.id, visitorId))
    },
    /** As recognition does when a fresh visitor looks like a known one. */
    link: (visitorId: string, knownVisitorId: string, method = 'fingerprint_recognized') =>
      store.insertLink({
        ...{ id: randomUUID(), siteId, visitorId, knownVisitorId, method, confidence: 99 },
        ...{ observationConfidence: 90, anonymitySet: 1, createdAtMs: tick(), evidence: null },
        ...{ undoneAtMs: null, undoneReason: null },
      }),
    merge: (one: string, other: string) =>
      store.merge(siteId, [one, other], { atMs: tick(), by: 'test', reason: 'one person' }),
    split: (visitorId: string, from: string) =>
      store.split(
        { siteId, visitorId },
        { kind: 'from', visitorId: from },
        {
          ...{ atMs: tick(), by: 'test', reason: 'two people' },
        },
      ),
    /** Visitors by person, each person's and the persons in order; those that stand alone are left out. */
    async persons(): Promise<string[][]> {
      const known = await store.knownAs(ids)
      const roots = new Set(known.values())
      return [...roots].map((root) => ids.filter((id) => (known.get(id) ?? id) === root).sort()).sort()
    },
  }
}
