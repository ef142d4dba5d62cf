import type { FingerprintSource } from '@helloagain/protocol'
import type { Columns } from '../platform/storage/columns.ts'

export const recognitionTables = (c: Columns) => {
  const visitors = c.table(
    'visitors',
    {
      id: c.text('id').primaryKey(),
      siteId: c.text('site_id').notNull(),
      firstSeenAtMs: c.instantMs('first_seen_at_ms').notNull(),
      lastSeenAtMs: c.instantMs('last_seen_at_ms').notNull(),
      visitCount: c.count('visit_count').notNull(),
      /** Keys of the person when the site's own system knows them; see accounts. */
      userId: c.text('user_id'),
    },
    (t) => [
      c.index('visitors_site_last_seen').on(t.siteId, t.lastSeenAtMs),
      c.index('visitors_user').on(t.userId),
    ],
  )
  const visitorId = () =>
    c
      .text('visitor_id')
      .notNull()
      .references(() => visitors.id, { onDelete: 'cascade' })
  return {
    visitors,
    visitorFingerprints: c.table(
      'visitor_fingerprints',
      {
        siteId: c.text('site_id').notNull(),
        fingerprint: c.text('fingerprint').notNull(),
        visitorId: visitorId(),
        observationConfidence: c.count('observation_confidence').notNull(),
        source: c.text('source').$type<FingerprintSource>().notNull(),
        firstSeenAtMs: c.instantMs('first_seen_at_ms').notNull(),
        lastSeenAtMs: c.instantMs('last_seen_at_ms').notNull(),
      },
      (t) => [
        c.primaryKey({ columns: [t.siteId, t.fingerprint, t.visitorId] }),
        c.index('visitor_fingerprints_visitor').on(t.visitorId),
      ],
    ),
    visitorDeviceIds: c.table(
      'visitor_device_ids',
      {
        siteId: c.text('site_id').notNull(),
        /** HMAC of the device id under the site: never equal on two sites. */
        deviceToken: c.text('device_token').notNull(),
        visitorId: visitorId(),
        firstSeenAtMs: c.instantMs('first_seen_at_ms').notNull(),
        lastSeenAtMs: c.instantMs('last_seen_at_ms').notNull(),
      },
      (t) => [
        c.primaryKey({ columns: [t.siteId, t.deviceToken, t.visitorId] }),
        c.index('visitor_device_ids_visitor').on(t.visitorId),
      ],
    ),
    visitorLinks: c.table(
      'visitor_links',
      {
        id: c.text('id').primaryKey(),
        siteId: c.text('site_id').notNull(),
        /** The younger visitor. */
        visitorId: visitorId(),
        /** The visitor it is held to be. */
        knownVisitorId: c
          .text('known_visitor_id')
          .notNull()
          .references(() => visitors.id, { onDelete: 'cascade' }),
        method: c.text('method').notNull(),
        observationConfidence: c.count('observation_confidence').notNull(),
        /** Probability that the link is right, 0–100. */
        confidence: c.count('confidence').notNull(),
        anonymitySet: c.count('anonymity_set').notNull(),
        createdAtMs: c.instantMs('created_at_ms').notNull(),
        undoneAtMs: c.instantMs('undone_at_ms'),
      },
      (t) => [
        c.uniqueIndex('visitor_links_pair').on(t.visitorId, t.knownVisitorId, t.method),
        c.index('visitor_links_known').on(t.knownVisitorId),
      ],
    ),
  }
}

export type RecognitionTables = ReturnType<typeof recognitionTables>
