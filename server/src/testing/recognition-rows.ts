import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'

/** Test support: all that recognition keeps of anybody, by table. Visitors are left out: sessions make them. */
export async function readRecognitionRows({ db, tables }: Pick<Storage<Tables>, 'db' | 'tables'>) {
  return {
    fingerprints: await db.select().from(tables.visitorFingerprints),
    deviceIds: await db.select().from(tables.visitorDeviceIds),
    links: await db.select().from(tables.visitorLinks),
    profiles: await db.select().from(tables.visitorProfiles),
    blocks: await db.select().from(tables.visitorBlocks),
    counts: await db.select().from(tables.tokenCounts),
    tallies: await db.select().from(tables.recognitionTallies),
    trials: await db.select().from(tables.recognitionTrials),
    keys: await db.select().from(tables.deviceKeys),
    edges: await db.select().from(tables.userDeviceEdges),
  }
}
