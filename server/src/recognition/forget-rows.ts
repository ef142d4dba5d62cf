import { and, type Column, eq, or, sql } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import { changeGraph } from './graph-walk-rows.ts'
import type { RecognitionStore } from './ports.ts'
import { markEarlier } from './shared-rows.ts'
import type { RecognitionTables } from './tables.ts'

/** Deletes all but the profile, which the recogniser takes back out of its counts; see recogniser-store.ts. */
export const forgetRows = (storage: Storage<RecognitionTables>): Pick<RecognitionStore, 'forget'> => ({
  forget: (siteId, visitorId) =>
    changeGraph(storage, async (inner) => {
      const { db, tables } = inner
      await markEarlier(inner, siteId, visitorId)
      const { visitorFingerprints: prints, visitorDeviceIds: devices, userDeviceEdges: edges } = tables
      const { deviceKeys: keys, recognitionTrials: trials, visitorLinks: links } = tables
      const isOf = (table: { siteId: Column; visitorId: Column }) =>
        and(eq(table.siteId, siteId), eq(table.visitorId, visitorId))
      // A trial of somebody else may name the visitor as its guess. They are few, and erasures are rare.
      const isNamed = sql`CAST(${trials.input} AS TEXT) LIKE ${`%${visitorId}%`}`
      const gone = [
        await db.delete(prints).where(isOf(prints)).returning({ id: prints.visitorId }),
        await db.delete(devices).where(isOf(devices)).returning({ id: devices.visitorId }),
        await db.delete(edges).where(isOf(edges)).returning({ id: edges.id }),
        await db.delete(keys).where(isOf(keys)).returning({ id: keys.keyId }),
        await db
          .delete(trials)
          .where(and(eq(trials.siteId, siteId), or(eq(trials.visitorId, visitorId), isNamed)))
          .returning({ id: trials.id }),
        await db
          .delete(links)
          .where(
            and(
              eq(links.siteId, siteId),
              or(eq(links.visitorId, visitorId), eq(links.knownVisitorId, visitorId)),
            ),
          )
          .returning({ id: links.id }),
      ]
      return gone.reduce((total, rows) => total + rows.length, 0)
    }),
})
