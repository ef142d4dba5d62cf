import { and, eq, gt, isNull, ne, or } from 'drizzle-orm'
import { newId } from '../platform/ids.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Presence, RecognitionStore } from './ports.ts'
import type { RecognitionTables } from './tables.ts'

/** Who is, or was, at which browser, and how long. */
export function edgeRows(
  storage: Storage<RecognitionTables>,
): Pick<RecognitionStore, 'closeEdges' | 'countEdges' | 'openEdge'> {
  const { userDeviceEdges: edges, visitors } = storage.tables
  const isOpen = ({ siteId, visitorId }: Omit<Presence, 'userId'>, atMs: number) =>
    and(
      eq(edges.siteId, siteId),
      eq(edges.visitorId, visitorId),
      or(isNull(edges.toMs), gt(edges.toMs, atMs)),
    )
  return {
    openEdge: (presence, atMs, untilMs) =>
      storage.transaction(async ({ db }) => {
        const { siteId, visitorId, userId } = presence
        // Whoever else arrives at this browser at this moment waits.
        const held = await db
          .update(visitors)
          .set({ visitCount: visitors.visitCount })
          .where(and(eq(visitors.siteId, siteId), eq(visitors.id, visitorId)))
          .returning({ id: visitors.id })
        if (held.length === 0) return
        await db
          .update(edges)
          .set({ toMs: atMs })
          .where(and(isOpen(presence, atMs), ne(edges.userId, userId)))
        const kept = await db
          .update(edges)
          .set({ toMs: untilMs ?? edges.toMs })
          .where(and(isOpen(presence, atMs), eq(edges.userId, userId)))
          .returning({ id: edges.id })
        if (kept.length > 0) return
        await db.insert(edges).values({ id: newId(), siteId, visitorId, userId, fromMs: atMs, toMs: untilMs })
      }),
    async closeEdges(presence, atMs) {
      await storage.db
        .update(edges)
        .set({ toMs: atMs })
        .where(and(isOpen(presence, atMs), eq(edges.userId, presence.userId)))
    },
    async countEdges(siteId, visitorId, atMs) {
      const rows = await storage.db
        .select({ toMs: edges.toMs })
        .from(edges)
        .where(and(eq(edges.siteId, siteId), eq(edges.visitorId, visitorId)))
      return { total: rows.length, open: rows.filter(({ toMs }) => toMs === null || toMs > atMs).length }
    },
  }
}
