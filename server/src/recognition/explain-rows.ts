import { and, desc, eq } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import type { RecognitionTables } from './tables.ts'

/** What an explanation asks beside the profile. */
export interface ExplainStore {
  /** 0–100: how good the last fingerprint was that the visitor's browser computed; undefined where it computed none. */
  lastObservation(siteId: string, visitorId: string): Promise<number | undefined>
}

export function createExplainStore({
  db,
  tables: { visitorFingerprints: prints },
}: Pick<Storage<RecognitionTables>, 'db' | 'tables'>): ExplainStore {
  return {
    async lastObservation(siteId, visitorId) {
      const [row] = await db
        .select({ confidence: prints.observationConfidence })
        .from(prints)
        .where(and(eq(prints.siteId, siteId), eq(prints.visitorId, visitorId)))
        .orderBy(desc(prints.lastSeenAtMs))
        .limit(1)
      return row?.confidence
    },
  }
}
