import { expect, it } from 'vitest'
import { createServerKeys } from '../../../../../server/src/platform/crypto/server-keys.ts'
import { onEveryEngine } from '../../../../../server/src/platform/storage/on-every-engine.ts'
// Says what test databases are provided with.
import type {} from '../../../../../server/src/platform/storage/postgres/throwaway-server.ts'
import { createRecogniser } from '../../../../../server/src/recognition/recogniser.ts'
import { createRecogniserStore } from '../../../../../server/src/recognition/recogniser-store.ts'
import { SITE_ID } from '../replay/site.ts'
import { findWorld } from '../world/worlds.ts'
import { observeCrowd } from './crowd.ts'
import { createFiller, seenAtMs, visitorOf } from './fill-store.ts'

const AT_MS = Date.UTC(2026, 10, 1)
const TTL_MS = 30 * 86_400_000
const VISITORS = 60

onEveryEngine('a store that is filled in bulk', (storage) => {
  /** Everything that filling writes, and what finds it. */
  async function readAll() {
    const { db, tables, engine } = storage()
    const { visitors, visitorProfiles, visitorBlocks, tokenCounts } = tables
    const indexes =
      engine.kind === 'sqlite'
        ? await engine.read((client) =>
            client.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').all(),
          )
        : (await engine.pool.query('SELECT indexname, indexdef FROM pg_indexes ORDER BY indexname')).rows
    const settings =
      engine.kind === 'sqlite'
        ? await engine.read((client) => [client.pragma('cache_size'), client.pragma('synchronous')])
        : (await engine.pool.query('SHOW session_replication_role')).rows
    return {
      visitors: await db.select().from(visitors).orderBy(visitors.id),
      profiles: await db.select().from(visitorProfiles).orderBy(visitorProfiles.visitorId),
      blocks: await db.select().from(visitorBlocks).orderBy(visitorBlocks.block, visitorBlocks.visitorId),
      counts: await db.select().from(tokenCounts).orderBy(tokenCounts.token),
      indexes,
      settings,
    }
  }

  it('holds what the same visitors leave who come one by one', async () => {
    const { db, tables, engine } = storage()
    const recogniser = createRecogniser({
      ...{ store: createRecogniserStore(storage()), keys: createServerKeys('speed') },
      ...{ ttlMs: TTL_MS, nowMs: () => AT_MS },
    })
    const tokenise = recogniser.tokeniseFor(SITE_ID)
    const crowd = [...observeCrowd(findWorld('tune-mixed-7d'), tokenise, VISITORS)]
    for (const [number, observed] of crowd.entries()) {
      const [id, atMs] = [visitorOf(number), seenAtMs(number, AT_MS)]
      const seen = { firstSeenAtMs: atMs, lastSeenAtMs: atMs, visitCount: 1 }
      await db.insert(tables.visitors).values({ id, siteId: SITE_ID, ...seen })
      const take = { atMs, isTrusted: true, holdsProof: true, isBot: false }
      await recogniser.take(SITE_ID, id, observed, take)
    }
    const taken = await readAll()
    expect(taken.profiles).toHaveLength(VISITORS)
    expect(taken.blocks.length).toBeGreaterThan(VISITORS)

    await db.delete(tables.visitors)
    await db.delete(tables.tokenCounts)
    const filler = createFiller(engine, { siteId: SITE_ID, atMs: AT_MS, ttlMs: TTL_MS })
    const passing = crowd.values()
    // Twice: what is there already is added to.
    await filler.fillTo(VISITORS / 3, passing)
    await filler.fillTo(VISITORS, passing)
    expect(await readAll()).toEqual(taken)
  })
})
