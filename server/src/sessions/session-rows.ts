import { and, asc, count, desc, eq, inArray, isNotNull, isNull, max, min, or, sql } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import type { RecognitionTables } from '../recognition/tables.ts'
import type { VisitSpan } from './policy.ts'
import type { Session } from './ports.ts'
import type { SessionTables, Touch } from './tables.ts'

export type SessionStorage = Storage<SessionTables & Pick<RecognitionTables, 'deviceKeys' | 'visitors'>>

export interface NewVisit {
  readonly id: string
  readonly atMs: number
  readonly touch: Touch | null
}

/** What is written with a session. */
interface OpenExtras {
  readonly isNewVisitor: boolean
  /** The new visitor begins where somebody said "not me". @default false */
  readonly isShared?: boolean
  readonly visit: NewVisit | null
}

/** What a refresh changes. */
export type SessionPatch = Partial<
  Pick<Session, 'expiresAtMs' | 'lastSeenAtMs' | 'lastTouch' | 'metadata' | 'mode'>
>

export interface SessionRows {
  /**
   * Writes a session with its visitor, where that is new, and its visit, all or nothing. False, and nothing is
   * written, when the site has this session id, also by another request at this moment.
   */
  open(session: Session, extras: OpenExtras): Promise<boolean>
  find(siteId: string, sessionId: string): Promise<Session | undefined>
  /** The one last seen, of those that this cookie proves. */
  findByCookie(siteId: string, cookieHash: string): Promise<Session | undefined>
  /** Oldest first. */
  listByVisitor(siteId: string, visitorId: string): Promise<Session[]>
  /** Oldest first. */
  listByUser(siteId: string, userId: string): Promise<Session[]>
  update(session: Session, patch: SessionPatch): Promise<void>
  /**
   * Links a session and its visitor's unlinked sessions that a cookie proves to a user. Undefined, and nothing is
   * written, when it is another user's.
   */
  link(session: Session, userId: string, atMs: number): Promise<Session | undefined>
}

export interface VisitRows {
  /** Newest first, the last thousand. */
  listVisits(visitorId: string): Promise<VisitSpan[]>
  /** When the visit last saw activity. */
  findVisitEnd(visitId: string): Promise<number | undefined>
  /** Writes a session's change, and that its running visit and its visitor were seen at its moment, all or nothing. */
  extendVisit(session: Session, change: SessionPatch & { lastSeenAtMs: number }): Promise<void>
  /** Makes a visit the running one, in place of the one the session names. False when another request was faster. */
  startVisit(session: Session, visit: NewVisit): Promise<boolean>
  visitsOf(
    siteId: string,
    visitorIds: readonly string[],
  ): Promise<{ count: number; firstAtMs: number; lastAtMs: number }>
}

// A visit an hour for six weeks.
const MAX_LISTED_VISITS = 1000

type Row = SessionTables['userSessions']['$inferSelect']

export const toSession = ({ updatedAtMs: _, ...session }: Row): Session => session

const toVisit = ({ siteId, visitorId, sessionId }: Session, { id, atMs, touch }: NewVisit) => ({
  id,
  siteId,
  visitorId,
  sessionId,
  startedAtMs: atMs,
  lastAtMs: atMs,
  eventCount: 0,
  pageCount: 0,
  touch,
})

/** Counts a visit for its visitor. */
async function countVisit({ db, tables: { visitors } }: SessionStorage, visitorId: string, atMs: number) {
  await db
    .update(visitors)
    .set({ visitCount: sql`${visitors.visitCount} + 1`, lastSeenAtMs: atMs })
    .where(eq(visitors.id, visitorId))
}

async function insertAll(
  storage: SessionStorage,
  session: Session,
  { isNewVisitor, isShared = false, visit }: OpenExtras,
): Promise<boolean> {
  const { db, tables } = storage
  const { siteId, visitorId, createdAtMs } = session
  if (isNewVisitor) {
    const seen = { firstSeenAtMs: createdAtMs, lastSeenAtMs: createdAtMs, visitCount: 0, userId: null }
    await db
      .insert(tables.visitors)
      .values({ id: visitorId, siteId, isShared, ...seen })
      .onConflictDoNothing()
  }
  const rows = await db
    .insert(tables.userSessions)
    .values({ ...session, updatedAtMs: createdAtMs })
    .onConflictDoNothing()
    .returning({ id: tables.userSessions.id })
  if (rows.length === 0) return false
  if (visit) {
    await db.insert(tables.visits).values(toVisit(session, visit))
    await countVisit(storage, visitorId, visit.atMs)
  }
  return true
}

/** Thrown inside a transaction to undo it; never leaves the store. */
export class Taken extends Error {
  override readonly name = 'Taken'
}

/** What was done, or undefined where it was undone. */
export async function orTaken<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Taken) return undefined
    throw error
  }
}

export function sessionRows(storage: SessionStorage): SessionRows {
  const { db, tables } = storage
  const { userSessions: t } = tables
  const list = async (condition: ReturnType<typeof and>) => {
    const rows = await db.select().from(t).where(condition).orderBy(asc(t.createdAtMs), asc(t.id))
    return rows.map(toSession)
  }
  // Built once: for what every page asks, putting the statement together takes longer than answering it.
  const findOne = db
    .select()
    .from(t)
    .where(and(eq(t.siteId, sql.placeholder('siteId')), eq(t.sessionId, sql.placeholder('sessionId'))))
    .prepare('session-find')
  return {
    async open(session, extras) {
      const isOpened = storage.transaction(async (inner) => {
        if (!(await insertAll(inner, session, extras))) throw new Taken()
        return true
      })
      return (await orTaken(isOpened)) ?? false
    },
    async find(siteId, sessionId) {
      const [row] = await findOne.execute({ siteId, sessionId })
      return row && toSession(row)
    },
    async findByCookie(siteId, cookieHash) {
      const [row] = await db
        .select()
        .from(t)
        .where(and(eq(t.siteId, siteId), eq(t.cookieHash, cookieHash)))
        .orderBy(desc(t.lastSeenAtMs), desc(t.id))
        .limit(1)
      return row && toSession(row)
    },
    listByVisitor: (siteId, visitorId) => list(and(eq(t.siteId, siteId), eq(t.visitorId, visitorId))),
    listByUser: (siteId, userId) => list(and(eq(t.siteId, siteId), eq(t.userId, userId))),
    async update({ id, lastSeenAtMs }, patch) {
      await db
        .update(t)
        .set({ ...patch, updatedAtMs: patch.lastSeenAtMs ?? lastSeenAtMs })
        .where(eq(t.id, id))
    },
    link: (session, userId, atMs) =>
      orTaken(storage.transaction((inner) => linkAll(inner, session, { userId, atMs }))),
  }
}

async function linkAll(
  { db, tables }: SessionStorage,
  { id, siteId, visitorId }: Session,
  { userId, atMs }: { userId: string; atMs: number },
): Promise<Session> {
  const { userSessions: t, visitors } = tables
  // The condition, not a read before, decides between two users who convert at once.
  const isFree = and(isNull(t.userId), isNull(t.convertedUser))
  const link = { userId, convertedUser: userId, convertedAtMs: atMs, updatedAtMs: atMs }
  await db
    .update(t)
    .set(link)
    .where(and(eq(t.id, id), or(isFree, and(eq(t.userId, userId), isNull(t.convertedUser)))))
  const [row] = await db.select().from(t).where(eq(t.id, id))
  if (row?.userId !== userId) throw new Taken()
  const isEarlier = and(eq(t.siteId, siteId), eq(t.visitorId, visitorId), eq(t.mode, 'recognition'))
  await db
    .update(t)
    .set(link)
    .where(and(isEarlier, isFree, isNotNull(t.cookieHash)))
  await db
    .update(visitors)
    .set({ userId })
    .where(and(eq(visitors.id, visitorId), isNull(visitors.userId)))
  return toSession(row)
}

export function visitRows(storage: SessionStorage): VisitRows {
  const { db, tables } = storage
  const { visits, userSessions } = tables
  return {
    async listVisits(visitorId) {
      const { startedAtMs, lastAtMs } = visits
      return db
        .select({ startedAtMs, lastAtMs })
        .from(visits)
        .where(eq(visits.visitorId, visitorId))
        .orderBy(desc(startedAtMs), desc(visits.id))
        .limit(MAX_LISTED_VISITS)
    },
    async findVisitEnd(visitId) {
      const [row] = await db.select({ atMs: visits.lastAtMs }).from(visits).where(eq(visits.id, visitId))
      return row?.atMs
    },
    extendVisit: ({ id, currentVisitId, visitorId }, change) =>
      storage.transaction(async ({ db: inner }) => {
        const { lastSeenAtMs } = change
        await inner
          .update(userSessions)
          .set({ ...change, updatedAtMs: lastSeenAtMs })
          .where(eq(userSessions.id, id))
        if (currentVisitId !== null) {
          await inner.update(visits).set({ lastAtMs: lastSeenAtMs }).where(eq(visits.id, currentVisitId))
        }
        await inner.update(tables.visitors).set({ lastSeenAtMs }).where(eq(tables.visitors.id, visitorId))
      }),
    startVisit: (session, visit) =>
      storage.transaction(async (inner) => {
        const { currentVisitId: before } = session
        const isUnchanged =
          before === null ? isNull(userSessions.currentVisitId) : eq(userSessions.currentVisitId, before)
        const rows = await inner.db
          .update(userSessions)
          .set({ currentVisitId: visit.id })
          .where(and(eq(userSessions.id, session.id), isUnchanged))
          .returning({ id: userSessions.id })
        if (rows.length === 0) return false
        await inner.db.insert(visits).values(toVisit(session, visit))
        await countVisit(inner, session.visitorId, visit.atMs)
        return true
      }),
    async visitsOf(siteId, visitorIds) {
      if (visitorIds.length === 0) return { count: 0, firstAtMs: 0, lastAtMs: 0 }
      const [row] = await db
        .select({ total: count(), firstAtMs: min(visits.startedAtMs), lastAtMs: max(visits.lastAtMs) })
        .from(visits)
        .where(and(eq(visits.siteId, siteId), inArray(visits.visitorId, [...visitorIds])))
      return { count: row?.total ?? 0, firstAtMs: row?.firstAtMs ?? 0, lastAtMs: row?.lastAtMs ?? 0 }
    },
  }
}
