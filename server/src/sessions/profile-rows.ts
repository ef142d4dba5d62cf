import type { ProfileValue } from '@helloagain/protocol'
import { and, eq, sql } from 'drizzle-orm'
import type { Session } from './ports.ts'
import type { SessionStorage } from './session-rows.ts'

export interface ProfileField {
  readonly field: string
  readonly value: ProfileValue
  readonly source: string
  readonly updatedAtMs: number
}

export interface Progress {
  readonly name: string
  readonly state: unknown
  readonly updatedAtMs: number
}

export interface ProfileRows {
  /** Every field a visitor told, each with its source and time. */
  listProfile(visitorId: string): Promise<ProfileField[]>
  /** Writes fields over those of the same name; the others stay. */
  saveProfile(session: Session, fields: readonly ProfileField[]): Promise<void>
  findProgress(visitorId: string, name: string): Promise<Progress | undefined>
  listProgress(visitorId: string): Promise<Progress[]>
  /** Writes over what was saved under the name. */
  saveProgress(session: Session, progress: Progress): Promise<void>
}

export function profileRows(storage: SessionStorage): ProfileRows {
  const { db, tables } = storage
  const { profileFields, progressStates } = tables
  // Built once: for what every page asks, putting the statement together takes longer than answering it.
  const listAll = db
    .select({
      field: profileFields.field,
      value: profileFields.value,
      source: profileFields.source,
      updatedAtMs: profileFields.updatedAtMs,
    })
    .from(profileFields)
    .where(eq(profileFields.visitorId, sql.placeholder('visitorId')))
    .prepare('profile-list')
  return {
    listProfile: (visitorId) => listAll.execute({ visitorId }),
    saveProfile: ({ siteId, visitorId }, fields) =>
      storage.transaction(async (inner) => {
        for (const { field, value, source, updatedAtMs } of fields) {
          await inner.db
            .insert(profileFields)
            .values({ siteId, visitorId, field, value, source, updatedAtMs })
            .onConflictDoUpdate({
              target: [profileFields.visitorId, profileFields.field],
              set: { value, source, updatedAtMs },
            })
        }
      }),
    async findProgress(visitorId, name) {
      const [row] = await db
        .select({ state: progressStates.state, updatedAtMs: progressStates.updatedAtMs })
        .from(progressStates)
        .where(and(eq(progressStates.visitorId, visitorId), eq(progressStates.name, name)))
      return row && { name, state: row.state.value, updatedAtMs: row.updatedAtMs }
    },
    async listProgress(visitorId) {
      const rows = await db.select().from(progressStates).where(eq(progressStates.visitorId, visitorId))
      return rows.map(({ name, state, updatedAtMs }) => ({ name, state: state.value, updatedAtMs }))
    },
    async saveProgress({ siteId, visitorId }, { name, state, updatedAtMs }) {
      const kept = { state: { value: state }, updatedAtMs }
      await db
        .insert(progressStates)
        .values({ siteId, visitorId, name, ...kept })
        .onConflictDoUpdate({ target: [progressStates.visitorId, progressStates.name], set: kept })
    },
  }
}
