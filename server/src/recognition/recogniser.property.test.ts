import { randomUUID } from 'node:crypto'
import { normalizeSignals } from '@helloagain/recognition'
import { observe } from '@helloagain/recognition/linkage'
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { openStorage } from '../open-storage.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { createDatabase } from '../platform/storage/on-every-engine.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import { openRecognition } from '../testing/open-recognition.ts'
import { RICH_BROWSER } from '../testing/shopper.ts'
import { countKeysOf } from './profile-codec.ts'
import { PROFILES_KEY } from './recogniser-counting.ts'

const DAY_MS = 86_400_000
const VISITORS = 3
const keys = createServerKeys('k'.repeat(43))

const who = fc.nat({ max: VISITORS - 1 })
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ what: fc.constant('take' as const), who },
      ...{ canvas: fc.nat({ max: 3 }), screen: fc.nat({ max: 3 }), isTrusted: fc.boolean() },
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('pass' as const), days: fc.nat({ max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('forget' as const), who }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('expire' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

let storages: Storage<Tables>[]
beforeAll(async () => {
  storages = [await openStorage(':memory:', ''), await openStorage(await createDatabase(), '')]
})
afterAll(() => Promise.all(storages.map((storage) => storage.close())))

/** Does all of it, and answers the site. */
async function play(storage: Storage<Tables>, steps: readonly Step[]): Promise<string> {
  const siteId = randomUUID()
  let atMs = Date.UTC(2026, 5, 1)
  const { store, recogniser, profiles } = openRecognition(storage, { keys, nowMs: () => atMs })
  const ids = Array.from({ length: VISITORS }, () => randomUUID())
  for (const id of ids) {
    const seen = { firstSeenAtMs: atMs, lastSeenAtMs: atMs, visitCount: 1 }
    await store.insertVisitor({ id, siteId, userId: null, botReasons: null, ...seen })
  }
  const idOf = (number: number) => ids[number] ?? ''
  const options = { tokenise: recogniser.tokeniseFor(siteId), unstable: [] }
  for (const one of steps) {
    if (one.what === 'pass') atMs += one.days * DAY_MS
    else if (one.what === 'expire') await profiles.expire(atMs - 30 * DAY_MS, 100)
    else if (one.what === 'forget') await profiles.forgetProfile(siteId, idOf(one.who))
    else {
      const shown = {
        ...RICH_BROWSER,
        canvas: `c${one.canvas}`,
        screenResolution: [1000 + 100 * one.screen, 800],
      }
      const how = { atMs, isTrusted: one.isTrusted, holdsProof: one.isTrusted, isBot: false }
      await recogniser.take(siteId, idOf(one.who), observe(normalizeSignals(shown), options), how)
    }
  }
  return siteId
}

/** What the profiles that are there come to. */
async function countProfiles({ db, tables }: Storage<Tables>, siteId: string) {
  const rows = await db.select().from(tables.visitorProfiles).where(eq(tables.visitorProfiles.siteId, siteId))
  const sums = new Map<string, number>()
  for (const { counted } of rows) {
    for (const key of [PROFILES_KEY, ...countKeysOf(counted)]) sums.set(key, (sums.get(key) ?? 0) + 1)
  }
  return sums
}

it('whatever is taken in, forgotten or expires, counts are those of the profiles that are there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20, size: 'max' }), async (steps) => {
      for (const storage of storages) {
        const siteId = await play(storage, steps)
        const { db, tables } = storage
        const rows = await db.select().from(tables.tokenCounts).where(eq(tables.tokenCounts.siteId, siteId))
        const counts = new Map(rows.map(({ token, visitors }) => [token, visitors]))
        expect(counts).toEqual(await countProfiles(storage, siteId))
      }
    }),
    { numRuns: propertyRuns(25) },
  )
})
