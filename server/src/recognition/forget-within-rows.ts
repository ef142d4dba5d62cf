import { and, eq, lte, sql } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import { countKeysOf } from './profile-codec.ts'
import { PROFILES_KEY } from './recogniser-counting.ts'
import type { RecognitionTables } from './tables.ts'

type Inner = Pick<
  Storage<Pick<RecognitionTables, 'tokenCounts' | 'visitorProfiles' | 'visitors'>>,
  'db' | 'engine' | 'tables'
>

/**
 * Forgets a visitor's profile within the transaction that deletes the visitor. What was taken in since the recogniser
 * forgot it would go with the visitor's row, and stay in the counts.
 */
export async function forgetProfileWithin(
  { db, engine, tables }: Inner,
  siteId: string,
  visitorId: string,
): Promise<void> {
  const { visitors, visitorProfiles: profiles } = tables
  const visitor = db
    .select({ id: visitors.id })
    .from(visitors)
    .where(and(eq(visitors.siteId, siteId), eq(visitors.id, visitorId)))
  // Whoever makes a profile waits for this row, and finds it gone. On SQLite nobody else writes meanwhile.
  await (engine.kind === 'postgres' ? visitor.for('update') : visitor)
  const gone = await db
    .delete(profiles)
    .where(and(eq(profiles.siteId, siteId), eq(profiles.visitorId, visitorId)))
    .returning({ counted: profiles.counted })
  for (const { counted } of gone) await lowerCounts({ db, tables }, siteId, countKeysOf(counted))
}

/** One by one, in the order in which every writer locks them. */
async function lowerCounts(
  { db, tables: { tokenCounts: counts } }: Pick<Inner, 'db' | 'tables'>,
  siteId: string,
  keys: readonly string[],
): Promise<void> {
  for (const key of [...new Set([PROFILES_KEY, ...keys])].sort()) {
    const isCount = and(eq(counts.siteId, siteId), eq(counts.token, key))
    await db
      .update(counts)
      .set({ visitors: sql`${counts.visitors} - 1` })
      .where(isCount)
    await db.delete(counts).where(and(isCount, lte(counts.visitors, 0)))
  }
}
