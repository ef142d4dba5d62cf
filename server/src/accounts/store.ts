import { and, asc, eq, gt, inArray, isNotNull, isNull, or } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import type { AccountStore, LoginSessionStore, SigningKeyStore, UserStore } from './ports.ts'
import type { AccountTables } from './tables.ts'

type AccountStorage = Storage<AccountTables>

/** Users, login sessions, refresh tokens and signing keys over the tables. */
export function createAccountStore(storage: AccountStorage): AccountStore {
  return { ...userStore(storage), ...loginSessionStore(storage), ...signingKeyStore(storage) }
}

function userStore({ db, tables: { users } }: AccountStorage): UserStore {
  return {
    async createUser(user) {
      const made = await db
        .insert(users)
        .values({ ...user, attributes: { ...user.attributes } })
        .onConflictDoNothing({ target: [users.siteId, users.usernameKey] })
        .returning({ id: users.id })
      return made.length > 0
    },
    findUser: async (siteId, userId) =>
      (
        await db
          .select()
          .from(users)
          .where(and(eq(users.siteId, siteId), eq(users.id, userId)))
      )[0],
    async findByLoginName(siteId, { kind, key, vouchedIds }) {
      const named = eq(kind === 'email' ? users.emailKey : users.usernameKey, key)
      const isVerified = isNotNull(users.emailVerifiedAtMs)
      const found = await db
        .select()
        .from(users)
        // The list is never empty: one statement, and so equal work, whether anybody is vouched for or not.
        .where(and(eq(users.siteId, siteId), named, or(isVerified, inArray(users.id, ['', ...vouchedIds]))))
      const isFound = (id: string) => found.find((user) => user.id === id)
      const verified = found.find(({ emailVerifiedAtMs }) => emailVerifiedAtMs !== null)
      return verified ?? vouchedIds.map(isFound).find((user) => user !== undefined)
    },
    async ensureExternalUser(user) {
      await db
        .insert(users)
        .values({ ...user, attributes: { ...user.attributes } })
        .onConflictDoNothing({ target: [users.siteId, users.externalId] })
      const [found] = await db
        .select()
        .from(users)
        .where(and(eq(users.siteId, user.siteId), eq(users.externalId, user.externalId)))
      if (!found) throw new Error('A user vanished while it was made.')
      return found
    },
    async replacePasswordHash(userId, { from, to, atMs }) {
      await db
        .update(users)
        .set({ passwordHash: to, updatedAtMs: atMs })
        .where(and(eq(users.id, userId), eq(users.passwordHash, from)))
    },
  }
}

function loginSessionStore(storage: AccountStorage): LoginSessionStore {
  const { db } = storage
  const { loginSessions, refreshTokens } = storage.tables
  return {
    openLoginSession: (session, refreshHash) =>
      storage.transaction(async (inside) => {
        await inside.db.insert(loginSessions).values(session)
        await inside.db
          .insert(refreshTokens)
          .values({ hash: refreshHash, loginSessionId: session.id, createdAtMs: session.createdAtMs })
      }),
    findLoginSession: async (id) =>
      (await db.select().from(loginSessions).where(eq(loginSessions.id, id)))[0],
    findRefreshToken: async (hash) =>
      (
        await db
          .select({ token: refreshTokens, session: loginSessions })
          .from(refreshTokens)
          .innerJoin(loginSessions, eq(loginSessions.id, refreshTokens.loginSessionId))
          .where(eq(refreshTokens.hash, hash))
      )[0],
    rotate: ({ hash, successorHash, loginSessionId, atMs, idleExpiresAtMs }) =>
      storage.transaction(async (inside) => {
        // The row of the family first: it orders racers, and a log-out at this moment is either before or after.
        const living = await inside.db
          .update(loginSessions)
          .set({ lastUsedAtMs: atMs })
          .where(
            and(
              eq(loginSessions.id, loginSessionId),
              isNull(loginSessions.revokedAtMs),
              gt(loginSessions.idleExpiresAtMs, atMs),
              gt(loginSessions.expiresAtMs, atMs),
            ),
          )
          .returning({ id: loginSessions.id })
        if (living.length === 0) return 'dead'
        const won = await inside.db
          .update(refreshTokens)
          .set({ usedAtMs: atMs, successorHash })
          .where(and(eq(refreshTokens.hash, hash), isNull(refreshTokens.usedAtMs)))
          .returning({ hash: refreshTokens.hash })
        if (won.length === 0) return 'lost'
        await inside.db
          .update(loginSessions)
          .set({ idleExpiresAtMs })
          .where(eq(loginSessions.id, loginSessionId))
        await inside.db
          .insert(refreshTokens)
          .values({ hash: successorHash, loginSessionId, createdAtMs: atMs })
        return 'rotated'
      }),
    async revokeLoginSession(id, { reason, atMs }) {
      const revoked = await db
        .update(loginSessions)
        .set({ revokedAtMs: atMs, revokedReason: reason })
        .where(and(eq(loginSessions.id, id), isNull(loginSessions.revokedAtMs)))
        .returning({ id: loginSessions.id })
      return revoked.length > 0
    },
  }
}

function signingKeyStore(storage: AccountStorage): SigningKeyStore {
  const { signingKeys } = storage.tables
  return {
    listSigningKeys: () =>
      storage.db.select().from(signingKeys).orderBy(asc(signingKeys.createdAtMs), asc(signingKeys.kid)),
    async addSigningKey(key) {
      const added = await storage.db
        .insert(signingKeys)
        .values(key)
        .onConflictDoNothing({ target: signingKeys.kid })
        .returning({ kid: signingKeys.kid })
      return added.length > 0
    },
    rotateSigningKeys: (added, dropped) =>
      storage.transaction(async ({ db }) => {
        // The new row's key is the lock: a second process that rotates at this moment finds it taken.
        const isFirst = await db
          .insert(signingKeys)
          .values(added)
          .onConflictDoNothing({ target: signingKeys.kid })
          .returning({ kid: signingKeys.kid })
        if (isFirst.length === 0) return false
        const isOther = (kid: string) => kid !== added.kid
        const rows = await db.select().from(signingKeys)
        for (const { kid, state } of rows.filter((row) => isOther(row.kid) && row.state !== 'previous')) {
          await db
            .update(signingKeys)
            .set({ state: state === 'next' ? 'current' : 'previous' })
            .where(eq(signingKeys.kid, kid))
        }
        await db.delete(signingKeys).where(inArray(signingKeys.kid, ['', ...dropped]))
        return true
      }),
  }
}
