import { sql } from 'drizzle-orm'
import type { Columns } from '../platform/storage/columns.ts'

export const accountTables = (c: Columns) => {
  const users = c.table(
    'users',
    {
      id: c.text('id').primaryKey(),
      siteId: c.text('site_id').notNull(),
      /** The id in the site's own system, for users that it, not we, signs in. */
      externalId: c.text('external_id'),
      email: c.text('email'),
      /** Lower case, NFKC: what addresses are compared by. */
      emailKey: c.text('email_key'),
      emailVerifiedAtMs: c.instantMs('email_verified_at_ms'),
      username: c.text('username'),
      usernameKey: c.text('username_key'),
      /** PHC string of Argon2id; null for a profile without a password. */
      passwordHash: c.text('password_hash'),
      attributes: c.json<Record<string, string>>('attributes').notNull(),
      ctaVariant: c.text('cta_variant'),
      createdAtMs: c.instantMs('created_at_ms').notNull(),
      updatedAtMs: c.instantMs('updated_at_ms').notNull(),
    },
    (t) => [
      // An address becomes one user's when it is verified, not before.
      c
        .uniqueIndex('users_verified_email')
        .on(t.siteId, t.emailKey)
        .where(sql`email_verified_at_ms IS NOT NULL`),
      c.index('users_email').on(t.siteId, t.emailKey),
      c.uniqueIndex('users_username').on(t.siteId, t.usernameKey),
      c.uniqueIndex('users_external').on(t.siteId, t.externalId),
    ],
  )
  const loginSessions = c.table(
    'login_sessions',
    {
      id: c.text('id').primaryKey(),
      siteId: c.text('site_id').notNull(),
      userId: c
        .text('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      /** The anonymous session it was opened in. */
      sessionId: c.text('session_id'),
      browser: c.text('browser'),
      os: c.text('os'),
      /** Truncated: /24 or /48. */
      ipPrefix: c.text('ip_prefix'),
      createdAtMs: c.instantMs('created_at_ms').notNull(),
      lastUsedAtMs: c.instantMs('last_used_at_ms').notNull(),
      idleExpiresAtMs: c.instantMs('idle_expires_at_ms').notNull(),
      expiresAtMs: c.instantMs('expires_at_ms').notNull(),
      revokedAtMs: c.instantMs('revoked_at_ms'),
      revokedReason: c.text('revoked_reason'),
    },
    (t) => [c.index('login_sessions_user').on(t.userId), c.index('login_sessions_session').on(t.sessionId)],
  )
  return {
    users,
    loginSessions,
    refreshTokens: c.table(
      'refresh_tokens',
      {
        /** SHA-256 of the token; the token itself is stored nowhere. */
        hash: c.text('hash').primaryKey(),
        loginSessionId: c
          .text('login_session_id')
          .notNull()
          .references(() => loginSessions.id, { onDelete: 'cascade' }),
        createdAtMs: c.instantMs('created_at_ms').notNull(),
        /** Set once, by compare-and-swap, when a successor was issued. */
        usedAtMs: c.instantMs('used_at_ms'),
        successorHash: c.text('successor_hash'),
      },
      (t) => [c.index('refresh_tokens_login_session').on(t.loginSessionId)],
    ),
    signingKeys: c.table('signing_keys', {
      kid: c.text('kid').primaryKey(),
      publicJwk: c.json<Record<string, unknown>>('public_jwk').notNull(),
      /** AES-256-GCM envelope `v1.kid.iv.ct.tag`. */
      privateSealed: c.text('private_sealed').notNull(),
      state: c.text('state').$type<'current' | 'next' | 'previous'>().notNull(),
      createdAtMs: c.instantMs('created_at_ms').notNull(),
    }),
  }
}

export type AccountTables = ReturnType<typeof accountTables>
