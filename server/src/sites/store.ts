import { and, asc, eq, isNull } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import type { SiteStore } from './store-port.ts'
import type { SiteTables } from './tables.ts'

/** The only SQL of this room. */
export function createSiteStore(storage: Storage<SiteTables>): SiteStore {
  const { db } = storage
  const { sites, siteOrigins, siteKeys } = storage.tables

  return {
    async readAll() {
      // Keys before sites, so that a key never shows up without its site; no transaction, which on SQLite would
      // wait for whoever writes.
      const keys = await db
        .select()
        .from(siteKeys)
        .where(isNull(siteKeys.revokedAtMs))
        .orderBy(asc(siteKeys.createdAtMs), asc(siteKeys.id))
      const origins = await db.select().from(siteOrigins).orderBy(asc(siteOrigins.origin))
      return {
        sites: await db.select().from(sites).orderBy(asc(sites.createdAtMs), asc(sites.id)),
        origins,
        keys,
      }
    },
    findByName: async (name) => (await db.select().from(sites).where(eq(sites.name, name)))[0],
    create: (site, key) =>
      storage.transaction(async (inside) => {
        const made = await inside.db
          .insert(sites)
          .values(site)
          .onConflictDoNothing({ target: sites.name })
          .returning({ id: sites.id })
        if (made.length === 0) return false
        await inside.db.insert(siteKeys).values({ ...key, scopes: [...key.scopes] })
        return true
      }),
    addOrigin: async (siteId, origin) => {
      await db.insert(siteOrigins).values({ siteId, origin }).onConflictDoNothing()
    },
    removeOrigin: async (siteId, origin) => {
      const gone = await db
        .delete(siteOrigins)
        .where(and(eq(siteOrigins.siteId, siteId), eq(siteOrigins.origin, origin)))
        .returning({ origin: siteOrigins.origin })
      return gone.length > 0
    },
    listKeys: (siteId) =>
      db
        .select()
        .from(siteKeys)
        .where(eq(siteKeys.siteId, siteId))
        .orderBy(asc(siteKeys.createdAtMs), asc(siteKeys.id)),
    addKey: async (key) => {
      await db.insert(siteKeys).values({ ...key, scopes: [...key.scopes] })
    },
    revokeKey: async (siteId, keyId, atMs) => {
      const revoked = await db
        .update(siteKeys)
        .set({ revokedAtMs: atMs })
        .where(and(eq(siteKeys.siteId, siteId), eq(siteKeys.id, keyId), isNull(siteKeys.revokedAtMs)))
        .returning({ id: siteKeys.id })
      return revoked.length > 0
    },
  }
}
