import { eq, sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { openStorage } from './open-storage.ts'
import { createDatabase } from './platform/storage/on-every-engine.ts'

it('runs again whichever of two transactions was undone because they waited for each other', async () => {
  const storage = await openStorage(await createDatabase(), '')
  const { visitors } = storage.tables
  const seen = { siteId: 'site', firstSeenAtMs: 0, lastSeenAtMs: 0, visitCount: 0, userId: null }
  await storage.db.insert(visitors).values(['a', 'b'].map((id) => ({ id, ...seen })))
  let meet = () => {}
  const haveMet = new Promise<void>((resolve) => {
    meet = resolve
  })
  let waiting = 0
  const countBoth = (first: string, second: string) =>
    storage.transaction(async ({ db }) => {
      const add = { visitCount: sql`${visitors.visitCount} + 1` }
      await db.update(visitors).set(add).where(eq(visitors.id, first))
      waiting += 1
      if (waiting === 2) meet()
      await haveMet
      await db.update(visitors).set(add).where(eq(visitors.id, second))
    })

  await Promise.all([countBoth('a', 'b'), countBoth('b', 'a')])
  const rows = await storage.db.select({ count: visitors.visitCount }).from(visitors)
  expect(rows).toEqual([{ count: 2 }, { count: 2 }])
  // Two met, and one came again.
  expect(waiting).toBeGreaterThan(2)
  await storage.close()
})
