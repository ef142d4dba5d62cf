import type { ConsentChoice, ConsentMode, ProfileValue } from '@helloagain/protocol'
import type { Columns } from '../platform/storage/columns.ts'
import type { RecognitionTables } from '../recognition/tables.ts'

export interface Touch {
  /** Host of the referrer, never the path. */
  referrer?: string
  utm?: Record<string, string>
  page?: string
  at: string
}

export const sessionTables = (c: Columns, { visitors }: RecognitionTables) => {
  const visitorId = () =>
    c
      .text('visitor_id')
      .notNull()
      .references(() => visitors.id, { onDelete: 'cascade' })
  return {
    userSessions: c.table(
      'user_sessions',
      {
        id: c.text('id').primaryKey(),
        siteId: c.text('site_id').notNull(),
        sessionId: c.text('session_id').notNull(),
        visitorId: visitorId(),
        userId: c.text('user_id'),
        /** HMAC under the site of the secret in the browser's HttpOnly cookie; null: nobody can prove it. */
        cookieHash: c.text('cookie_hash'),
        /** RFC 7638 thumbprint of the device key. Bound only together with the cookie. */
        deviceKeyId: c.text('device_key_id'),
        mode: c.text('mode').$type<ConsentMode>().notNull(),
        /** Parsed families only, never raw values. */
        metadata: c.json<Record<string, unknown>>('metadata').notNull(),
        firstTouch: c.json<Touch>('first_touch'),
        lastTouch: c.json<Touch>('last_touch'),
        currentVisitId: c.text('current_visit_id'),
        lastSeenAtMs: c.instantMs('last_seen_at_ms').notNull(),
        expiresAtMs: c.instantMs('expires_at_ms').notNull(),
        /** How far the client's clock is behind ours: the smallest seen; null before it said. */
        clockOffsetMs: c.instantMs('clock_offset_ms'),
        convertedAtMs: c.instantMs('converted_at_ms'),
        convertedUser: c.text('converted_user'),
        createdAtMs: c.instantMs('created_at_ms').notNull(),
        updatedAtMs: c.instantMs('updated_at_ms').notNull(),
      },
      (t) => [
        c.uniqueIndex('user_sessions_site_session').on(t.siteId, t.sessionId),
        c.index('user_sessions_cookie').on(t.siteId, t.cookieHash),
        c.index('user_sessions_visitor').on(t.visitorId),
        c.index('user_sessions_user').on(t.userId),
        c.index('user_sessions_expires').on(t.expiresAtMs),
      ],
    ),
    visits: c.table(
      'visits',
      {
        id: c.text('id').primaryKey(),
        siteId: c.text('site_id').notNull(),
        visitorId: visitorId(),
        sessionId: c.text('session_id').notNull(),
        startedAtMs: c.instantMs('started_at_ms').notNull(),
        lastAtMs: c.instantMs('last_at_ms').notNull(),
        eventCount: c.count('event_count').notNull(),
        pageCount: c.count('page_count').notNull(),
        touch: c.json<Touch>('touch'),
      },
      (t) => [c.index('visits_visitor_started').on(t.visitorId, t.startedAtMs)],
    ),
    profileFields: c.table(
      'profile_fields',
      {
        siteId: c.text('site_id').notNull(),
        visitorId: visitorId(),
        field: c.text('field').notNull(),
        value: c.json<ProfileValue>('value').notNull(),
        /** For example `identify`, `signup`. */
        source: c.text('source').notNull(),
        updatedAtMs: c.instantMs('updated_at_ms').notNull(),
      },
      (t) => [c.primaryKey({ columns: [t.visitorId, t.field] })],
    ),
    progressStates: c.table(
      'progress_states',
      {
        siteId: c.text('site_id').notNull(),
        visitorId: visitorId(),
        name: c.text('name').notNull(),
        state: c.json<{ value: unknown }>('state').notNull(),
        updatedAtMs: c.instantMs('updated_at_ms').notNull(),
      },
      (t) => [c.primaryKey({ columns: [t.visitorId, t.name] })],
    ),
    consentDecisions: c.table(
      'consent_decisions',
      {
        id: c.text('id').primaryKey(),
        siteId: c.text('site_id').notNull(),
        /** Null where the person refused: a refusal is counted, not tied to anybody. */
        sessionId: c.text('session_id'),
        choice: c.text('choice').$type<ConsentChoice>().notNull(),
        mode: c.text('mode').$type<ConsentMode>().notNull(),
        byPerson: c.flag('by_person').notNull(),
        optOutSignal: c.flag('opt_out_signal').notNull(),
        wording: c.text('wording'),
        decidedAtMs: c.instantMs('decided_at_ms').notNull(),
      },
      (t) => [c.index('consent_decisions_session').on(t.siteId, t.sessionId)],
    ),
  }
}

export type SessionTables = ReturnType<typeof sessionTables>
