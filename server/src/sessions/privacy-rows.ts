import type { ConsentChoice, ConsentMode } from '@helloagain/protocol'
import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm'
import { newId } from '../platform/ids.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { RecognitionTables } from '../recognition/tables.ts'
import type { SessionTables } from './tables.ts'

export interface Decision {
  readonly siteId: string
  /** Null for a refusal: it is counted, not tied to anybody. */
  readonly sessionId: string | null
  readonly choice: ConsentChoice
  readonly mode: ConsentMode
  readonly byPerson: boolean
  readonly optOutSignal: boolean
  readonly wording: string | null
  readonly decidedAtMs: number
}

/** How much of a visitor was deleted. */
export interface Erased {
  readonly sessions: number
  readonly visits: number
  readonly profileFields: number
  readonly progress: number
}

/** Whoever deletes a visitor deletes what other rooms keep by it. */
export type ErasingStorage = Storage<
  SessionTables & Pick<RecognitionTables, 'deviceKeys' | 'tokenCounts' | 'visitorProfiles' | 'visitors'>
>

/** Forgets what another room counts by a visitor, within the transaction that deletes it. */
export type ForgetWithin = (inner: ErasingStorage, siteId: string, visitorId: string) => Promise<void>

export interface PrivacyRows {
  recordDecision(decision: Decision): Promise<void>
  findLastDecision(siteId: string, sessionId: string): Promise<Decision | undefined>
  /** Decisions of some sessions, oldest first. */
  listDecisions(siteId: string, sessionIds: readonly string[]): Promise<Decision[]>
  /**
   * Deletes a visitor with all that hangs on it; its consent decisions stay, tied to nobody. On SQLite the write-ahead
   * log is emptied too, so that no page of the file holds what was deleted (SECURITY.md P6).
   */
  eraseVisitor(siteId: string, visitorId: string): Promise<Erased>
}

export function privacyRows(storage: ErasingStorage, forgetWithin: ForgetWithin): PrivacyRows {
  const { db, tables, engine } = storage
  const { consentDecisions } = tables
  // Built once: for what every page asks, putting the statement together takes longer than answering it.
  const findLast = db
    .select()
    .from(consentDecisions)
    .where(
      and(
        eq(consentDecisions.siteId, sql.placeholder('siteId')),
        eq(consentDecisions.sessionId, sql.placeholder('sessionId')),
      ),
    )
    .orderBy(desc(consentDecisions.decidedAtMs), desc(consentDecisions.id))
    .limit(1)
    .prepare('consent-find-last')
  return {
    async recordDecision(decision) {
      await db.insert(consentDecisions).values({ id: newId(), ...decision })
    },
    async findLastDecision(siteId, sessionId) {
      const [row] = await findLast.execute({ siteId, sessionId })
      if (!row) return undefined
      const { id: _, ...decision } = row
      return decision
    },
    async listDecisions(siteId, sessionIds) {
      if (sessionIds.length === 0) return []
      const rows = await db
        .select()
        .from(consentDecisions)
        .where(and(eq(consentDecisions.siteId, siteId), inArray(consentDecisions.sessionId, [...sessionIds])))
        .orderBy(asc(consentDecisions.decidedAtMs), asc(consentDecisions.id))
      return rows.map(({ id: _, ...decision }) => decision)
    },
    async eraseVisitor(siteId, visitorId) {
      const erased = await storage.transaction((inner) =>
        eraseAll(inner, { siteId, visitorId, forgetWithin }),
      )
      if (engine.kind === 'sqlite') await engine.inTurn((client) => client.pragma('wal_checkpoint(TRUNCATE)'))
      return erased
    },
  }
}

interface Erasure {
  readonly siteId: string
  readonly visitorId: string
  readonly forgetWithin: ForgetWithin
}

async function eraseAll(
  inner: ErasingStorage,
  { siteId, visitorId, forgetWithin }: Erasure,
): Promise<Erased> {
  const { db, tables } = inner
  const { userSessions, visits, profileFields, progressStates, consentDecisions, visitors } = tables
  const fields = await db
    .delete(profileFields)
    .where(and(eq(profileFields.siteId, siteId), eq(profileFields.visitorId, visitorId)))
    .returning({ field: profileFields.field })
  const progress = await db
    .delete(progressStates)
    .where(and(eq(progressStates.siteId, siteId), eq(progressStates.visitorId, visitorId)))
    .returning({ name: progressStates.name })
  // Sessions before visits before visitors, as whoever writes events: else each would wait for the other.
  const sessions = await db
    .delete(userSessions)
    .where(and(eq(userSessions.siteId, siteId), eq(userSessions.visitorId, visitorId)))
    .returning({ sessionId: userSessions.sessionId })
  const ended = await db
    .delete(visits)
    .where(and(eq(visits.siteId, siteId), eq(visits.visitorId, visitorId)))
    .returning({ id: visits.id })
  const ids = sessions.map(({ sessionId }) => sessionId)
  if (ids.length > 0) {
    await db
      .update(consentDecisions)
      .set({ sessionId: null })
      .where(and(eq(consentDecisions.siteId, siteId), inArray(consentDecisions.sessionId, ids)))
  }
  await forgetWithin(inner, siteId, visitorId)
  await db.delete(visitors).where(and(eq(visitors.siteId, siteId), eq(visitors.id, visitorId)))
  return {
    sessions: sessions.length,
    visits: ended.length,
    profileFields: fields.length,
    progress: progress.length,
  }
}
