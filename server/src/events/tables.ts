import type { EventPayload } from '@helloagain/protocol'
import type { Columns } from '../platform/storage/columns.ts'

export const eventTables = (c: Columns) => ({
  eventLogs: c.table(
    'event_logs',
    {
      siteId: c.text('site_id').notNull(),
      eventId: c.text('event_id').notNull(),
      sessionId: c.text('session_id').notNull(),
      visitorId: c.text('visitor_id').notNull(),
      visitId: c.text('visit_id'),
      eventType: c.text('event_type').notNull(),
      payload: c.json<EventPayload>('payload').notNull(),
      seq: c.count('seq'),
      /** When it happened, corrected by the clock of the server. */
      timestampMs: c.instantMs('timestamp_ms').notNull(),
      /** What the browser's clock said. */
      clientTimestampMs: c.instantMs('client_timestamp_ms'),
      sentAtMs: c.instantMs('sent_at_ms'),
      receivedAtMs: c.instantMs('received_at_ms').notNull(),
      /** False: came without proof on a session that has one; touches no profile, score or link. */
      isProven: c.flag('is_proven').notNull(),
      /** The time in the id, else the client's own; 0 for neither. The same each time the event is sent. */
      partitionMs: c.instantMs('partition_ms').notNull().default(0),
    },
    (t) => [
      // PostgreSQL: PARTITION BY RANGE (partition_ms), by month; see migrations/postgres/0001_*.sql.
      c.splitKey({ columns: [t.siteId, t.eventId], by: t.partitionMs }),
      c.index('event_logs_session_time').on(t.siteId, t.sessionId, t.timestampMs),
    ],
  ),
  /** How often a visitor did what: read by scores, written with the events themselves. */
  activityCounts: c.table(
    'activity_counts',
    {
      siteId: c.text('site_id').notNull(),
      visitorId: c.text('visitor_id').notNull(),
      activityType: c.text('activity_type').notNull(),
      count: c.count('count').notNull(),
      lastAtMs: c.instantMs('last_at_ms').notNull(),
    },
    (t) => [c.primaryKey({ columns: [t.visitorId, t.activityType] })],
  ),
  /** How many events happened in a quarter of an hour: written with the events, kept when they are gone. */
  eventRollups: c.table(
    'event_rollups',
    {
      siteId: c.text('site_id').notNull(),
      /** Start of the quarter, UTC: of when it happened, never ahead of its arrival. */
      quarterMs: c.instantMs('quarter_ms').notNull(),
      eventType: c.text('event_type').notNull(),
      /** Each process adds to its own, so that servers do not queue for one row. Only the sum means something. */
      shard: c.count('shard').notNull(),
      /** Each event once, also the unproven and those erased since. */
      events: c.count('events').notNull(),
      unprovenEvents: c.count('unproven_events').notNull(),
      erasedEvents: c.count('erased_events').notNull(),
      erasedUnprovenEvents: c.count('erased_unproven_events').notNull(),
    },
    (t) => [c.primaryKey({ columns: [t.siteId, t.quarterMs, t.eventType, t.shard] })],
  ),
  /** One row: what is known of the log as a whole. */
  eventHorizon: c.table('event_horizon', {
    id: c.text('id').primaryKey(),
    /** Retention has deleted nothing that happened at or after this. */
    completeFromMs: c.instantMs('complete_from_ms').notNull(),
    /** Goes up with every write of a rebuild, so that of two at once one notices. */
    rebuilds: c.count('rebuilds').notNull(),
  }),
})

export type EventTables = ReturnType<typeof eventTables>
