import type { FingerprintSource } from '@helloagain/protocol'
import type { Columns } from '../platform/storage/columns.ts'
import type { LinkEvidence } from './ports.ts'

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
      /** Why it is held to be a program; null for a person. Kept out of learning and of metrics. */
      botReasons: c.json<readonly string[]>('bot_reasons'),
      /** Somebody said "not me" at its browser: nothing below cookie and key names it any more. */
      isShared: c.flag('is_shared').notNull().default(false),
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
  /** What is remembered of a visitor's browser: tokens, and three classes in clear. */
  const visitorProfiles = c.table(
    'visitor_profiles',
    {
      visitorId: visitorId().primaryKey(),
      siteId: c.text('site_id').notNull(),
      browserFamily: c.text('browser_family').notNull(),
      /** Null where the browser does not say. Only ever rises. */
      browserMajor: c.count('browser_major'),
      osFamily: c.text('os_family').notNull(),
      screenClass: c.text('screen_class').notNull(),
      observations: c.count('observations').notNull(),
      firstSeenAtMs: c.instantMs('first_seen_at_ms').notNull(),
      lastSeenAtMs: c.instantMs('last_seen_at_ms').notNull(),
      /** It holds a cookie or key, and so comes without one only after losing it. */
      holdsProof: c.flag('holds_proof').notNull(),
      /** The UTC day whose new values are counted, and how many there were: nobody changes everything daily. */
      noveltyDay: c.count('novelty_day').notNull(),
      noveltyCount: c.count('novelty_count').notNull(),
      /** By signal, the tokens seen and when; see profile-codec.ts. */
      sets: c.text('sets').notNull(),
      /** What it is counted under in `token_counts`, as in `sets`. Last and wide: a look for candidates does not read so far. */
      counted: c.text('counted').notNull(),
    },
    (t) => [c.index('visitor_profiles_last_seen').on(t.lastSeenAtMs)],
  )
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
        c.index('visitor_fingerprints_last_seen').on(t.lastSeenAtMs),
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
        c.index('visitor_device_ids_last_seen').on(t.lastSeenAtMs),
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
        /** Bits by group of signals, runner-up and what else the answer hung on; null for links without a fingerprint. */
        evidence: c.json<LinkEvidence>('evidence'),
        /** Why it was undone. */
        undoneReason: c.text('undone_reason'),
      },
      (t) => [
        c.uniqueIndex('visitor_links_pair').on(t.visitorId, t.knownVisitorId, t.method),
        c.index('visitor_links_known').on(t.knownVisitorId),
      ],
    ),
    visitorProfiles,
    /** Where candidates are looked up. In the order of its key on SQLite, too; its migration says so by hand. */
    visitorBlocks: c.table(
      'visitor_blocks',
      {
        siteId: c.text('site_id').notNull(),
        block: c.text('block').notNull(),
        visitorId: c
          .text('visitor_id')
          .notNull()
          .references(() => visitorProfiles.visitorId, { onDelete: 'cascade' }),
        /** To the hour: every visit would move it else. */
        lastSeenAtMs: c.instantMs('last_seen_at_ms').notNull(),
      },
      (t) => [
        c.primaryKey({ columns: [t.siteId, t.block, t.visitorId] }),
        // The visitor, too: then the index alone answers who was seen last.
        c.index('visitor_blocks_recent').on(t.siteId, t.block, t.lastSeenAtMs, t.visitorId),
        c.index('visitor_blocks_visitor').on(t.visitorId),
      ],
    ),
    /** How many profiles of the site hold a token, or tokens together; under the empty token, how many there are. */
    tokenCounts: c.table(
      'token_counts',
      {
        siteId: c.text('site_id').notNull(),
        token: c.text('token').notNull(),
        visitors: c.count('visitors').notNull(),
      },
      (t) => [c.primaryKey({ columns: [t.siteId, t.token] })],
    ),
    /** What the site's own labelled visits taught: additive figures by name. */
    recognitionTallies: c.table(
      'recognition_tallies',
      {
        siteId: c.text('site_id').notNull(),
        name: c.text('name').notNull(),
        hits: c.sum('hits').notNull(),
        total: c.sum('total').notNull(),
      },
      (t) => [c.primaryKey({ columns: [t.siteId, t.name] })],
    ),
    /** Versions of the learned weights; of a site one at most is `live`. */
    recognitionModels: c.table(
      'recognition_models',
      {
        id: c.text('id').primaryKey(),
        siteId: c.text('site_id').notNull(),
        version: c.count('version').notNull(),
        state: c.text('state').$type<'live' | 'refused' | 'retired'>().notNull(),
        weights: c.json<unknown>('weights').notNull(),
        /** On the hold-out: this one against the one that was live. */
        report: c.json<Readonly<Record<string, number>>>('report').notNull(),
        createdAtMs: c.instantMs('created_at_ms').notNull(),
      },
      (t) => [c.uniqueIndex('recognition_models_version').on(t.siteId, t.version)],
    ),
    /** Blind answers on visits that key or cookie had identified. */
    recognitionTrials: c.table(
      'recognition_trials',
      {
        id: c.text('id').primaryKey(),
        siteId: c.text('site_id').notNull(),
        /** Whose visit it was; a trial goes with its visitor. */
        visitorId: visitorId(),
        atMs: c.instantMs('at_ms').notNull(),
        browserFamily: c.text('browser_family').notNull(),
        /** The visitor had been here before. */
        isReturn: c.flag('is_return').notNull(),
        method: c.text('method').notNull(),
        /** 0–100, as an answer would have said; with tenths. */
        confidence: c.json<number>('confidence').notNull(),
        /** It named the right visitor; null where it named none. */
        isRight: c.flag('is_right'),
        /** What weights are tried on again: comparisons without tokens. */
        input: c.json<unknown>('input').notNull(),
      },
      (t) => [
        c.index('recognition_trials_site_time').on(t.siteId, t.atMs),
        c.index('recognition_trials_visitor').on(t.visitorId),
      ],
    ),
    /** Public halves of the keys browsers hold. */
    deviceKeys: c.table(
      'device_keys',
      {
        siteId: c.text('site_id').notNull(),
        /** RFC 7638 thumbprint. */
        keyId: c.text('key_id').notNull(),
        visitorId: visitorId(),
        publicJwk: c.json<Readonly<Record<string, string>>>('public_jwk').notNull(),
        createdAtMs: c.instantMs('created_at_ms').notNull(),
        lastUsedAtMs: c.instantMs('last_used_at_ms').notNull(),
        revokedAtMs: c.instantMs('revoked_at_ms'),
      },
      (t) => [c.primaryKey({ columns: [t.siteId, t.keyId] }), c.index('device_keys_visitor').on(t.visitorId)],
    ),
    /** A person at a browser, from log-in to log-out. Two persons are never joined by it. */
    userDeviceEdges: c.table(
      'user_device_edges',
      {
        id: c.text('id').primaryKey(),
        siteId: c.text('site_id').notNull(),
        userId: c.text('user_id').notNull(),
        visitorId: visitorId(),
        fromMs: c.instantMs('from_ms').notNull(),
        /** When the log-in ends by itself, or ended; null where no end is known. */
        toMs: c.instantMs('to_ms'),
      },
      (t) => [
        c.index('user_device_edges_visitor').on(t.visitorId),
        c.index('user_device_edges_user').on(t.siteId, t.userId),
      ],
    ),
  }
}

export type RecognitionTables = ReturnType<typeof recognitionTables>
