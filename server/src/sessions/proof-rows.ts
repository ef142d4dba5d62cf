import { and, desc, eq, gt, isNotNull, isNull, ne, sql } from 'drizzle-orm'
import type { ProvenKey } from '../platform/http/context.ts'
import type { Session } from './ports.ts'
import { orTaken, type SessionStorage, Taken, toSession } from './session-rows.ts'

/** What sessions are proven by: cookies and device keys. */
export interface ProofRows {
  /** Whose key it is, where that visitor was seen after `sinceMs`. */
  findKeyOwner(siteId: string, keyId: string, sinceMs: number): Promise<string | undefined>
  /** The session last seen, of those the key is bound to, in mode `recognition`. */
  findByDeviceKey(siteId: string, visitorId: string, keyId: string): Promise<Session | undefined>
  /**
   * Makes a key that of the session's visitor, in place of any other, and binds it to the visitor's sessions that share
   * the session's cookie. False, and nothing is written, when it is another visitor's or the cookie has changed.
   */
  bindKey(session: Session, key: Pick<ProvenKey, 'keyId' | 'publicJwk'>, atMs: number): Promise<boolean>
  /** Takes a visitor's key away: it opens nothing any more, and another visitor may bind it. */
  releaseKeys(siteId: string, visitorId: string): Promise<void>
  /** Gives the session another cookie. False when somebody else did so before. */
  replaceCookie(session: Session, cookieHash: string): Promise<boolean>
  /**
   * Ends the sessions of a visitor that share the session's cookie, and takes the visitor's key away: nobody can prove
   * them any more. Answers their session ids.
   */
  retire(session: Session, change: { atMs: number; mode?: Session['mode'] }): Promise<string[]>
}

/** Deletes a visitor's keys but one. Its sessions come first, as everywhere: else two who write wait for each other. */
async function dropKeys(
  { db, tables: { deviceKeys } }: SessionStorage,
  { siteId, visitorId }: { siteId: string; visitorId: string },
  exceptKeyId = '',
): Promise<void> {
  const ofVisitor = and(eq(deviceKeys.siteId, siteId), eq(deviceKeys.visitorId, visitorId))
  await db.delete(deviceKeys).where(and(ofVisitor, ne(deviceKeys.keyId, exceptKeyId)))
}

async function release(
  storage: SessionStorage,
  visitor: { siteId: string; visitorId: string },
): Promise<void> {
  const { userSessions: t } = storage.tables
  await storage.db
    .update(t)
    .set({ deviceKeyId: null })
    .where(and(eq(t.siteId, visitor.siteId), eq(t.visitorId, visitor.visitorId), isNotNull(t.deviceKeyId)))
  await dropKeys(storage, visitor)
}

async function bind(
  storage: SessionStorage,
  session: Session,
  { key, atMs }: { key: Pick<ProvenKey, 'keyId' | 'publicJwk'>; atMs: number },
): Promise<true> {
  const { db, tables } = storage
  const { deviceKeys, userSessions: t } = tables
  const { siteId, visitorId, cookieHash, mode } = session
  const { keyId, publicJwk } = key
  // With the cookie of then, or not at all: a session that was ended meanwhile stays ended.
  const isBound = sql`${t.cookieHash} = ${cookieHash ?? ''} AND ${t.mode} = ${mode}`
  // All at once, so that of two keys that are bound at this moment one comes after the other and takes its place.
  const sessions = await db
    .update(t)
    .set({ deviceKeyId: sql`CASE WHEN ${isBound} OR ${t.deviceKeyId} = ${keyId} THEN ${keyId} END` })
    .where(and(eq(t.siteId, siteId), eq(t.visitorId, visitorId)))
    .returning({ cookieHash: t.cookieHash, mode: t.mode })
  if (!sessions.some((one) => one.cookieHash === cookieHash && one.mode === mode)) throw new Taken()
  await dropKeys(storage, session, keyId)
  const seen = { createdAtMs: atMs, lastUsedAtMs: atMs, revokedAtMs: null }
  await db
    .insert(deviceKeys)
    .values({ siteId, keyId, visitorId, publicJwk: { ...publicJwk }, ...seen })
    .onConflictDoNothing()
  const [row] = await db
    .select({ visitorId: deviceKeys.visitorId })
    .from(deviceKeys)
    .where(and(eq(deviceKeys.siteId, siteId), eq(deviceKeys.keyId, keyId)))
  // The row, not a look before, decides between two visitors that bring one key at once.
  if (row?.visitorId !== visitorId) throw new Taken()
  return true
}

export function proofRows(storage: SessionStorage): ProofRows {
  const { db, tables } = storage
  const { deviceKeys, userSessions: t, visitors } = tables
  return {
    async findKeyOwner(siteId, keyId, sinceMs) {
      const [row] = await db
        .select({ visitorId: deviceKeys.visitorId })
        .from(deviceKeys)
        .innerJoin(visitors, eq(visitors.id, deviceKeys.visitorId))
        .where(
          and(
            eq(deviceKeys.siteId, siteId),
            eq(deviceKeys.keyId, keyId),
            isNull(deviceKeys.revokedAtMs),
            gt(visitors.lastSeenAtMs, sinceMs),
          ),
        )
      return row?.visitorId
    },
    async findByDeviceKey(siteId, visitorId, keyId) {
      const ofVisitor = and(eq(t.siteId, siteId), eq(t.visitorId, visitorId))
      const [row] = await db
        .select()
        .from(t)
        .where(and(ofVisitor, eq(t.deviceKeyId, keyId), eq(t.mode, 'recognition')))
        .orderBy(desc(t.lastSeenAtMs), desc(t.id))
        .limit(1)
      return row && toSession(row)
    },
    bindKey: async (session, key, atMs) =>
      (await orTaken(storage.transaction((inner) => bind(inner, session, { key, atMs })))) ?? false,
    releaseKeys: (siteId, visitorId) => storage.transaction((inner) => release(inner, { siteId, visitorId })),
    async replaceCookie({ id, cookieHash: before }, cookieHash) {
      const isUnchanged = before === null ? isNull(t.cookieHash) : eq(t.cookieHash, before)
      const rows = await db
        .update(t)
        .set({ cookieHash })
        .where(and(eq(t.id, id), isUnchanged))
        .returning({ id: t.id })
      return rows.length > 0
    },
    retire: (session, change) => storage.transaction((inner) => retire(inner, session, change)),
  }
}

async function retire(
  storage: SessionStorage,
  session: Session,
  { atMs, mode }: { atMs: number; mode?: Session['mode'] },
): Promise<string[]> {
  const { siteId, visitorId, cookieHash, id } = session
  const { userSessions: t } = storage.tables
  const sameCookie = cookieHash === null ? eq(t.id, id) : eq(t.cookieHash, cookieHash)
  const rows = await storage.db
    .update(t)
    .set({ cookieHash: null, deviceKeyId: null, expiresAtMs: atMs, updatedAtMs: atMs, ...(mode && { mode }) })
    .where(and(eq(t.siteId, siteId), eq(t.visitorId, visitorId), sameCookie))
    .returning({ sessionId: t.sessionId })
  await release(storage, session)
  return rows.map(({ sessionId }) => sessionId)
}
