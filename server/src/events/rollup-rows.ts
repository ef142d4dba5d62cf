import { and, eq, gte, lt, sql, sum } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import type { RollupSum, Rollups } from './ports.ts'
import type { RollupKey } from './rollup.ts'
import type { EventTables } from './tables.ts'

/** What is added to a count; negative where there was too much. */
export interface RollupChange extends RollupKey {
  readonly events: number
  readonly unproven: number
  readonly erased: number
  readonly erasedUnproven: number
}

// PostgreSQL takes 65,535 values a statement, SQLite 32,766; a change has eight.
const MAX_CHANGES = 1000

/** Adds to the counts of one shard, in the order given. For what happens seldom; ingest has statements of its own. */
export async function addToRollups(
  { db, tables }: Storage<EventTables>,
  changes: readonly RollupChange[],
  shard: number,
): Promise<void> {
  const { eventRollups: t } = tables
  for (let start = 0; start < changes.length; start += MAX_CHANGES) {
    const values = changes
      .slice(start, start + MAX_CHANGES)
      .map(({ siteId, quarterMs, eventType, events, unproven, erased, erasedUnproven }) => ({
        ...{ siteId, quarterMs, eventType, shard, events },
        ...{ unprovenEvents: unproven, erasedEvents: erased, erasedUnprovenEvents: erasedUnproven },
      }))
    await db
      .insert(t)
      .values(values)
      .onConflictDoUpdate({
        target: [t.siteId, t.quarterMs, t.eventType, t.shard],
        set: {
          events: sql`${t.events} + excluded.events`,
          unprovenEvents: sql`${t.unprovenEvents} + excluded.unproven_events`,
          erasedEvents: sql`${t.erasedEvents} + excluded.erased_events`,
          erasedUnprovenEvents: sql`${t.erasedUnprovenEvents} + excluded.erased_unproven_events`,
        },
      })
  }
}

/** For a rebuild that is about to write: answers false when another one has written since its snapshot. */
export async function passRebuild({ db, tables }: Storage<EventTables>, expected: number): Promise<boolean> {
  const { eventHorizon: t } = tables
  const passed = await db
    .update(t)
    .set({ rebuilds: expected + 1 })
    .where(eq(t.rebuilds, expected))
    .returning({ id: t.id })
  return passed.length === 1
}

export function createRollups({ db, tables }: Storage<EventTables>): Rollups {
  const { eventRollups: t } = tables
  return {
    async sum({ siteId, fromMs, toMs }): Promise<RollupSum[]> {
      return db
        .select({
          quarterMs: t.quarterMs,
          eventType: t.eventType,
          events: sum(t.events).mapWith(Number),
          unproven: sum(t.unprovenEvents).mapWith(Number),
          erased: sum(t.erasedEvents).mapWith(Number),
        })
        .from(t)
        .where(and(eq(t.siteId, siteId), gte(t.quarterMs, fromMs), lt(t.quarterMs, toMs)))
        .groupBy(t.quarterMs, t.eventType)
        .orderBy(t.quarterMs, t.eventType)
    },
  }
}
