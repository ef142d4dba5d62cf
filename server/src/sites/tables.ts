import type { Columns } from '../platform/storage/columns.ts'

export const siteTables = (c: Columns) => {
  const sites = c.table(
    'sites',
    {
      id: c.text('id').primaryKey(),
      name: c.text('name').notNull(),
      /** Public: part of every fingerprint hash, so that two sites never see the same value. */
      fingerprintSalt: c.text('fingerprint_salt').notNull(),
      /** What `unset` consent means here. */
      unsetMode: c.text('unset_mode').$type<'cookieless' | 'recognition'>().notNull(),
      createdAtMs: c.instantMs('created_at_ms').notNull(),
    },
    (t) => [c.uniqueIndex('sites_name').on(t.name)],
  )
  return {
    sites,
    siteOrigins: c.table(
      'site_origins',
      {
        siteId: c
          .text('site_id')
          .notNull()
          .references(() => sites.id, { onDelete: 'cascade' }),
        origin: c.text('origin').notNull(),
      },
      (t) => [c.primaryKey({ columns: [t.siteId, t.origin] })],
    ),
    siteKeys: c.table(
      'site_keys',
      {
        id: c.text('id').primaryKey(),
        siteId: c
          .text('site_id')
          .notNull()
          .references(() => sites.id, { onDelete: 'cascade' }),
        kind: c.text('kind').$type<'publishable' | 'secret'>().notNull(),
        /** SHA-256 of the key. */
        hash: c.text('hash').notNull(),
        /** The key itself, publishable keys only. */
        value: c.text('value'),
        /** Last four characters, so that people can tell keys apart. */
        hint: c.text('hint').notNull(),
        scopes: c.json<string[]>('scopes').notNull(),
        createdAtMs: c.instantMs('created_at_ms').notNull(),
        revokedAtMs: c.instantMs('revoked_at_ms'),
      },
      (t) => [c.uniqueIndex('site_keys_hash').on(t.hash), c.index('site_keys_site').on(t.siteId)],
    ),
  }
}

export type SiteTables = ReturnType<typeof siteTables>
