import { and, asc, count, eq, max, ne, sql } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import { isPerson } from './bot-rows.ts'
import { edgeRows } from './edge-rows.ts'
import { forgetRows } from './forget-rows.ts'
import type { GraphStore } from './graph-ports.ts'
import { graphRows } from './graph-rows.ts'
import type { Observation, RecognitionStore, Sighting, Visitor } from './ports.ts'
import { sharedRows } from './shared-rows.ts'
import type { RecognitionTables } from './tables.ts'

/**
 * Stores visitors and what they may be recognised by.
 *
 * @param countsBots programs hold fingerprints as people do. @default false
 */
export function createRecognitionStore(
  storage: Storage<RecognitionTables>,
  { countsBots = false }: { countsBots?: boolean } = {},
): GraphStore & RecognitionStore {
  return {
    ...visitorRows(storage),
    ...evidenceRows(storage, countsBots),
    ...sightingRows(storage),
    ...graphRows(storage),
    ...edgeRows(storage),
    ...forgetRows(storage),
    ...sharedRows(storage),
  }
}

function visitorRows({ db, tables: { visitors } }: Storage<RecognitionTables>) {
  // Built once: for what every page asks, putting the statement together takes longer than answering it.
  const findOne = db
    .select()
    .from(visitors)
    .where(and(eq(visitors.siteId, sql.placeholder('siteId')), eq(visitors.id, sql.placeholder('visitorId'))))
    .prepare('visitor-find')
  return {
    async insertVisitor(visitor: Visitor) {
      await db.insert(visitors).values(visitor).onConflictDoNothing()
    },
    async findVisitor(siteId: string, visitorId: string) {
      const [row] = await findOne.execute({ siteId, visitorId })
      return row
    },
    async countVisitors(siteId: string) {
      const people = and(eq(visitors.siteId, siteId), isPerson(visitors))
      const [row] = await db.select({ total: count() }).from(visitors).where(people)
      return row?.total ?? 0
    },
  }
}

function evidenceRows({ db, tables }: Storage<RecognitionTables>, countsBots: boolean) {
  const { visitors, visitorFingerprints: prints, visitorDeviceIds: devices } = tables
  return {
    async holdersOfFingerprint(siteId: string, fingerprint: string, limit: number) {
      const rows = await db
        .select({ id: prints.visitorId })
        .from(prints)
        .innerJoin(visitors, eq(visitors.id, prints.visitorId))
        .where(
          and(
            eq(prints.siteId, siteId),
            eq(prints.fingerprint, fingerprint),
            ne(prints.source, 'server_generated'),
            countsBots ? undefined : isPerson(visitors),
          ),
        )
        .orderBy(asc(visitors.firstSeenAtMs), asc(visitors.id))
        .limit(limit)
      return rows.map(({ id }) => id)
    },
    async holdersOfDevice(siteId: string, deviceToken: string, limit: number) {
      const rows = await db
        .select({ id: devices.visitorId })
        .from(devices)
        .innerJoin(visitors, eq(visitors.id, devices.visitorId))
        .where(and(eq(devices.siteId, siteId), eq(devices.deviceToken, deviceToken)))
        .orderBy(asc(visitors.firstSeenAtMs), asc(visitors.id))
        .limit(limit)
      return rows.map(({ id }) => id)
    },
    async bestObservation(siteId: string, fingerprint: string) {
      const [row] = await db
        .select({ best: max(prints.observationConfidence) })
        .from(prints)
        .where(and(eq(prints.siteId, siteId), eq(prints.fingerprint, fingerprint)))
      return row?.best ?? undefined
    },
    async hasFingerprint(visitorId: string) {
      const rows = await db
        .select({ id: prints.visitorId })
        .from(prints)
        .where(eq(prints.visitorId, visitorId))
        .limit(1)
      return rows.length > 0
    },
  }
}

function sightingRows({ db, tables }: Storage<RecognitionTables>) {
  const { visitorFingerprints: prints, visitorDeviceIds: devices } = tables
  return {
    async rememberFingerprint({ siteId, visitorId, atMs }: Sighting, observation: Observation) {
      const { hash, confidence, source } = observation
      await db
        .insert(prints)
        .values({
          siteId,
          fingerprint: hash,
          visitorId,
          observationConfidence: confidence,
          source,
          firstSeenAtMs: atMs,
          lastSeenAtMs: atMs,
        })
        .onConflictDoUpdate({
          target: [prints.siteId, prints.fingerprint, prints.visitorId],
          set: {
            lastSeenAtMs: atMs,
            // One spelling for both engines: max() of two values is SQLite's, greatest() PostgreSQL's.
            observationConfidence: sql`CASE WHEN ${prints.observationConfidence} < ${confidence} THEN ${confidence} ELSE ${prints.observationConfidence} END`,
          },
        })
    },
    async rememberDevice({ siteId, visitorId, atMs }: Sighting, deviceToken: string) {
      await db
        .insert(devices)
        .values({ siteId, deviceToken, visitorId, firstSeenAtMs: atMs, lastSeenAtMs: atMs })
        .onConflictDoUpdate({
          target: [devices.siteId, devices.deviceToken, devices.visitorId],
          set: { lastSeenAtMs: atMs },
        })
    },
  }
}
