import type { UserJourneyStage, UserType } from '@helloagain/protocol'
import type { Columns } from '../platform/storage/columns.ts'

export const journeyTables = (c: Columns) => ({
  journeys: c.table(
    'journeys',
    {
      /** A visitor, or a user of the host application alongside which the server runs. */
      subjectId: c.text('subject_id').primaryKey(),
      siteId: c.text('site_id').notNull(),
      userType: c.text('user_type').$type<UserType>().notNull(),
      journeyStage: c.text('journey_stage').$type<UserJourneyStage>().notNull(),
      firstVisitAtMs: c.instantMs('first_visit_at_ms').notNull(),
      updatedAtMs: c.instantMs('updated_at_ms').notNull(),
      /** Counts up with every change: compare-and-swap. */
      version: c.count('version').notNull(),
    },
    (t) => [c.index('journeys_site_type').on(t.siteId, t.userType)],
  ),
  journeyTransitions: c.table(
    'journey_transitions',
    {
      id: c.text('id').primaryKey(),
      siteId: c.text('site_id').notNull(),
      subjectId: c.text('subject_id').notNull(),
      fromType: c.text('from_type').$type<UserType>(),
      toType: c.text('to_type').$type<UserType>().notNull(),
      fromStage: c.text('from_stage').$type<UserJourneyStage>(),
      toStage: c.text('to_stage').$type<UserJourneyStage>().notNull(),
      changedAtMs: c.instantMs('changed_at_ms').notNull(),
    },
    (t) => [c.index('journey_transitions_subject').on(t.subjectId, t.changedAtMs)],
  ),
})

export type JourneyTables = ReturnType<typeof journeyTables>
