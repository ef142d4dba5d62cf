import type { JourneyTransition } from '@helloagain/protocol'
import { and, asc, eq, sql } from 'drizzle-orm'
import { newId } from '../platform/ids.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { JourneyState, JourneyStore } from './ports.ts'
import type { JourneyTables } from './tables.ts'

type Row = JourneyTables['journeys']['$inferSelect']
type TransitionRow = JourneyTables['journeyTransitions']['$inferSelect']

const toTransition = (row: TransitionRow): JourneyTransition => ({
  from_type: row.fromType,
  to_type: row.toType,
  from_stage: row.fromStage,
  to_stage: row.toStage,
  changed_at: new Date(row.changedAtMs).toISOString(),
})

function toState(row: Row, history: JourneyTransition[]): JourneyState {
  const { updatedAtMs: _, ...state } = row
  return { ...state, history }
}

/** One statement is one snapshot: state and history always fit together. Built once, because every page asks it. */
function prepareFind({ db, tables: { journeys, journeyTransitions } }: Storage<JourneyTables>) {
  return db
    .select({ journey: journeys, transition: journeyTransitions })
    .from(journeys)
    .leftJoin(
      journeyTransitions,
      and(
        eq(journeyTransitions.subjectId, journeys.subjectId),
        eq(journeyTransitions.siteId, journeys.siteId),
      ),
    )
    .where(
      and(
        eq(journeys.siteId, sql.placeholder('siteId')),
        eq(journeys.subjectId, sql.placeholder('subjectId')),
      ),
    )
    .orderBy(asc(journeyTransitions.changedAtMs), asc(journeyTransitions.id))
    .prepare('journey-find')
}

/** Journeys in our own tables. */
export function createJourneyStore(storage: Storage<JourneyTables>): JourneyStore {
  const { journeys, journeyTransitions } = storage.tables
  const findOne = prepareFind(storage)

  /** Inserts or moves the journey itself; false when another writer was first. */
  async function write(
    { db }: Storage<JourneyTables>,
    { history: _, ...row }: JourneyState & { updatedAtMs: number },
    expectedVersion: number | null,
  ): Promise<boolean> {
    const written =
      expectedVersion === null
        ? await db.insert(journeys).values(row).onConflictDoNothing().returning({ id: journeys.subjectId })
        : await db
            .update(journeys)
            .set(row)
            .where(
              and(
                eq(journeys.siteId, row.siteId),
                eq(journeys.subjectId, row.subjectId),
                eq(journeys.version, expectedVersion),
              ),
            )
            .returning({ id: journeys.subjectId })
    return written.length > 0
  }

  return {
    async find(siteId, subjectId) {
      const rows = await findOne.execute({ siteId, subjectId })
      const [first] = rows
      if (!first) return undefined
      return toState(
        first.journey,
        rows.flatMap(({ transition }) => (transition ? [toTransition(transition)] : [])),
      )
    },

    save: (next, expectedVersion, transition) =>
      storage.transaction(async (inside) => {
        const changedAtMs = transition ? Date.parse(transition.changed_at) : next.firstVisitAtMs
        const isWritten = await write(inside, { ...next, updatedAtMs: changedAtMs }, expectedVersion)
        if (isWritten && transition) {
          await inside.db.insert(journeyTransitions).values({
            id: newId(),
            siteId: next.siteId,
            subjectId: next.subjectId,
            fromType: transition.from_type,
            toType: transition.to_type,
            fromStage: transition.from_stage,
            toStage: transition.to_stage,
            changedAtMs,
          })
        }
        return isWritten
      }),

    eraseJourney: (siteId, subjectId) =>
      storage.transaction(async ({ db }) => {
        await db
          .delete(journeyTransitions)
          .where(and(eq(journeyTransitions.siteId, siteId), eq(journeyTransitions.subjectId, subjectId)))
        await db.delete(journeys).where(and(eq(journeys.siteId, siteId), eq(journeys.subjectId, subjectId)))
      }),
  }
}
