import { and, asc, count, desc, eq, inArray, isNull, max, ne, or, sql } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import { isPerson } from './bot-rows.ts'
import type { Observation, RecognitionStore, Sighting, Visitor, VisitorLink } from './ports.ts'
import type { RecognitionTables } from './tables.ts'

/** Stores visitors and what they may be recognised by. */
export function createRecognitionStore(storage: Storage<RecognitionTables>): RecognitionStore {
  return { ...visitorRows(storage), ...evidenceRows(storage), ...sightingRows(storage), ...linkRows(storage) }
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

function evidenceRows({ db, tables }: Storage<RecognitionTables>) {
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

function linkRows(storage: Storage<RecognitionTables>) {
  const { db, tables } = storage
  const { visitorLinks: links } = tables
  const ofVisitor = (visitorId: string) =>
    or(eq(links.visitorId, visitorId), eq(links.knownVisitorId, visitorId))
  return {
    async knownAs(visitorIds: readonly string[]) {
      if (visitorIds.length === 0) return new Map<string, string>()
      const rows = await db
        .select({ visitorId: links.visitorId, knownVisitorId: links.knownVisitorId })
        .from(links)
        .where(and(inArray(links.visitorId, [...visitorIds]), isNull(links.undoneAtMs)))
        // The first one last, so that it wins in the map.
        .orderBy(desc(links.createdAtMs), desc(links.id))
      return new Map(rows.map(({ visitorId, knownVisitorId }) => [visitorId, knownVisitorId]))
    },
    async insertLink(link: VisitorLink & { siteId: string }) {
      await db.insert(links).values(link).onConflictDoNothing()
    },
    async listLinks(siteId: string, visitorId: string): Promise<VisitorLink[]> {
      const rows = await db
        .select()
        .from(links)
        .where(and(eq(links.siteId, siteId), ofVisitor(visitorId)))
        .orderBy(asc(links.createdAtMs), asc(links.id))
      return rows.map(({ siteId: _site, ...link }) => link)
    },
    forget: (siteId: string, visitorId: string) =>
      storage.transaction(async (inner) => {
        const { visitorFingerprints, visitorDeviceIds, visitorLinks } = inner.tables
        const gone = [
          await inner.db
            .delete(visitorFingerprints)
            .where(and(eq(visitorFingerprints.siteId, siteId), eq(visitorFingerprints.visitorId, visitorId)))
            .returning({ id: visitorFingerprints.visitorId }),
          await inner.db
            .delete(visitorDeviceIds)
            .where(and(eq(visitorDeviceIds.siteId, siteId), eq(visitorDeviceIds.visitorId, visitorId)))
            .returning({ id: visitorDeviceIds.visitorId }),
          await inner.db
            .delete(visitorLinks)
            .where(
              and(
                eq(visitorLinks.siteId, siteId),
                or(eq(visitorLinks.visitorId, visitorId), eq(visitorLinks.knownVisitorId, visitorId)),
              ),
            )
            .returning({ id: visitorLinks.id }),
        ]
        return gone.reduce((total, rows) => total + rows.length, 0)
      }),
  }
}
