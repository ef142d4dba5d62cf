import { and, eq, inArray, lt } from 'drizzle-orm'
import { downFrom, type GraphStorage, holdRoots } from './graph-walk-rows.ts'
import type { RecognitionStore } from './ports.ts'

/** Visitors at whose browser somebody said "not me". */
export function sharedRows(storage: GraphStorage): Pick<RecognitionStore, 'isShared' | 'markShared'> {
  const { db, tables } = storage
  const { visitors } = tables
  return {
    async isShared(visitorId) {
      const rows = await db
        .select({ id: visitors.id })
        .from(visitors)
        .where(and(eq(visitors.isShared, true), inArray(visitors.id, downFrom(storage, visitorId))))
        .limit(1)
      return rows.length > 0
    },
    async markShared(siteId, visitorId) {
      await db
        .update(visitors)
        .set({ isShared: true })
        .where(and(eq(visitors.siteId, siteId), eq(visitors.id, visitorId)))
    },
  }
}

/**
 * Marks those whom links hold to be one with a visitor and who were not seen since it began: who was is at another
 * browser, however alike. For work inside `changeGraph`: of two who mark one person, one waits before it holds anybody.
 */
export async function markEarlier(storage: GraphStorage, siteId: string, visitorId: string): Promise<void> {
  const { db, tables } = storage
  const { visitors } = tables
  const roots = await holdRoots(storage, siteId, [visitorId, visitorId])
  const [visitor] = await db.select().from(visitors).where(eq(visitors.id, visitorId))
  if (!roots || !visitor) return
  await db
    .update(visitors)
    .set({ isShared: true })
    .where(
      and(
        inArray(visitors.id, downFrom(storage, roots[0])),
        lt(visitors.lastSeenAtMs, visitor.firstSeenAtMs),
      ),
    )
}
