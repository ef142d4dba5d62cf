import { and, asc, type Column, count, eq, or } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import type { RecognitionTables } from './tables.ts'

/** What the room holds of one visitor beside the profile, as it is stored. */
export type HeldRows = Awaited<ReturnType<ReturnType<typeof createHoldingsReader>>>

/** Reads what the room holds of one visitor. */
export const createHoldingsReader =
  ({ db, tables }: Pick<Storage<RecognitionTables>, 'db' | 'tables'>) =>
  async (siteId: string, visitorId: string) => {
    const { visitorFingerprints: prints, visitorDeviceIds: devices, userDeviceEdges: edges } = tables
    const { deviceKeys: keys, recognitionTrials: trials, visitorLinks: links } = tables
    const isOf = (table: { siteId: Column; visitorId: Column }) =>
      and(eq(table.siteId, siteId), eq(table.visitorId, visitorId))
    const [tried] = await db.select({ total: count() }).from(trials).where(isOf(trials))
    return {
      fingerprints: await db.select().from(prints).where(isOf(prints)).orderBy(asc(prints.firstSeenAtMs)),
      deviceIds: await db.select().from(devices).where(isOf(devices)).orderBy(asc(devices.firstSeenAtMs)),
      deviceKeys: await db.select().from(keys).where(isOf(keys)).orderBy(asc(keys.createdAtMs)),
      userEdges: await db.select().from(edges).where(isOf(edges)).orderBy(asc(edges.fromMs)),
      links: await db
        .select()
        .from(links)
        .where(or(isOf(links), and(eq(links.siteId, siteId), eq(links.knownVisitorId, visitorId))))
        .orderBy(asc(links.createdAtMs)),
      trials: tried?.total ?? 0,
    }
  }
