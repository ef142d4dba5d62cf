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
    },
    (t) => [
      c.primaryKey({ columns: [t.siteId, t.eventId] }),
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
})

export type EventTables = ReturnType<typeof eventTables>
