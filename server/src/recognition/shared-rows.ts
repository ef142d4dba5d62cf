import { and, eq, inArray } from 'drizzle-orm'
import { downFrom, type GraphStorage, rootsOf } from './graph-walk-rows.ts'
import type { RecognitionStore } from './ports.ts'

/** Flags a visitor, and whoever it is held to be one with, as those of a browser that several people use. */
export async function flagShared(storage: GraphStorage, siteId: string, visitorId: string): Promise<void> {
  const { visitors } = storage.tables
  const root = (await rootsOf(storage, [visitorId])).get(visitorId)
  if (root === undefined) return
  await storage.db
    .update(visitors)
    .set({ isShared: true })
    .where(and(eq(visitors.siteId, siteId), inArray(visitors.id, downFrom(storage, root))))
}

export const sharedRows = (storage: GraphStorage): Pick<RecognitionStore, 'markShared'> => ({
  markShared: (siteId, visitorId) => flagShared(storage, siteId, visitorId),
})
