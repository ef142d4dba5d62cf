import { inArray } from 'drizzle-orm'
import { changeGraph, downFrom, type GraphStorage, holdRoots } from './graph-walk-rows.ts'
import type { RecognitionStore } from './ports.ts'

/**
 * Flags a visitor, and whoever it is held to be one with, as those of a browser that several people use. For work
 * inside `changeGraph`: of two who flag one person, one waits before it holds any of them.
 */
export async function flagShared(storage: GraphStorage, siteId: string, visitorId: string): Promise<void> {
  const { visitors } = storage.tables
  const roots = await holdRoots(storage, siteId, [visitorId, visitorId])
  if (!roots) return
  await storage.db
    .update(visitors)
    .set({ isShared: true })
    .where(inArray(visitors.id, downFrom(storage, roots[0])))
}

export const sharedRows = (storage: GraphStorage): Pick<RecognitionStore, 'markShared'> => ({
  markShared: (siteId, visitorId) => changeGraph(storage, (inner) => flagShared(inner, siteId, visitorId)),
})
