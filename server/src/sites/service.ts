import { Problem } from '../platform/http/problem.ts'
import { newId } from '../platform/ids.ts'
import {
  checkScopes,
  checkSiteName,
  hashKey,
  hintOf,
  newFingerprintSalt,
  newKey,
  normaliseOrigin,
} from './policy.ts'
import type { KeyView, Site, SiteAdmin, Sites, SiteView } from './ports.ts'
import { SiteError } from './site-error.ts'
import { createSnapshotReader, type SnapshotReader } from './snapshot.ts'
import type { SiteStore, StoredKey, StoredSite } from './store-port.ts'

const DEFAULT_SITE = 'default'

export interface SitesParts {
  readonly store: SiteStore
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number
}

interface Keyed extends SitesParts {
  readonly snapshots: SnapshotReader
}

/**
 * Sites, their origins and their keys, answered from memory that is at most two seconds old, or as old as the last
 * time the tables could be read.
 *
 * @throws Problem `server.unavailable` when they could never be read, or not since something was written here
 */
export function createSites({ store, nowMs }: SitesParts): Sites & SiteAdmin {
  const snapshots = createSnapshotReader(async () => {
    try {
      return await store.readAll()
    } catch (cause) {
      throw new Problem('server.unavailable', { cause, retryAfterSeconds: 1 })
    }
  }, nowMs)
  const parts = { store, nowMs, snapshots }
  return { ...readSide(parts), ...siteSide(parts), ...keySide(parts) }
}

function readSide({ snapshots }: Keyed): Sites {
  return {
    async getDefault() {
      const site = (await snapshots.read()).byName.get(DEFAULT_SITE)
      if (!site) throw new Error('The site "default" is missing: call ensureDefault() at the start.')
      return site
    },
    findById: async (id) => (await snapshots.read()).byId.get(id),
    findByPublishableKey: async (key) => (await snapshots.read()).byPublishableKey.get(key),
    findBySecretKey: async (key) => (await snapshots.read()).bySecretHash.get(hashKey(key)),
    allowsOrigin: async (siteId, origin) =>
      (await snapshots.read()).originsOf.get(siteId)?.has(origin) ?? false,
    knowsOrigin: async (origin) => (await snapshots.read()).origins.has(origin),
  }
}

function makeKey(
  siteId: string,
  { kind, scopes, atMs }: { kind: KeyView['kind']; scopes: readonly string[]; atMs: number },
): { stored: StoredKey; key: string } {
  const key = newKey(kind)
  const stored = {
    id: newId(),
    siteId,
    kind,
    hash: hashKey(key),
    value: kind === 'publishable' ? key : null,
    hint: hintOf(key),
    scopes,
    createdAtMs: atMs,
    revokedAtMs: null,
  }
  return { stored, key }
}

const unknownSite = (name: string) => new SiteError(`There is no site "${name}". See: helloagain sites list`)

async function getSite(store: SiteStore, name: string): Promise<StoredSite> {
  const site = await store.findByName(name)
  if (!site) throw unknownSite(name)
  return site
}

type SiteSide = Pick<SiteAdmin, 'addOrigin' | 'create' | 'ensureDefault' | 'get' | 'list' | 'removeOrigin'>

function siteSide({ store, nowMs, snapshots }: Keyed): SiteSide {
  /** Undefined when the name is taken. */
  async function make(name: string, unsetMode: Site['unsetMode']) {
    const atMs = nowMs()
    const site = {
      id: newId(),
      name: checkSiteName(name),
      fingerprintSalt: newFingerprintSalt(),
      unsetMode,
      createdAtMs: atMs,
    }
    const { stored, key } = makeKey(site.id, { kind: 'publishable', scopes: [], atMs })
    const isMade = await store.create(site, stored)
    snapshots.invalidate()
    return isMade ? { site, publishableKey: key } : undefined
  }

  async function list(): Promise<SiteView[]> {
    const { sites, origins } = await store.readAll()
    return sites.map(({ createdAtMs: _, ...site }) => ({
      ...site,
      origins: origins.filter(({ siteId }) => siteId === site.id).map(({ origin }) => origin),
    }))
  }

  return {
    list,
    async get(name) {
      const { id } = await getSite(store, name)
      const site = (await list()).find((candidate) => candidate.id === id)
      if (!site) throw unknownSite(name)
      return site
    },
    async create(name, { unsetMode = 'cookieless' } = {}) {
      const made = await make(name, unsetMode)
      if (!made) throw new SiteError(`There is a site "${name}" already.`)
      const { createdAtMs: _, ...site } = made.site
      return { site, publishableKey: made.publishableKey }
    },
    async ensureDefault() {
      if (await store.findByName(DEFAULT_SITE)) return
      // Another process may make it at this moment; whose it is does not matter.
      await make(DEFAULT_SITE, 'recognition')
    },
    async addOrigin(siteName, origin) {
      const { id } = await getSite(store, siteName)
      await store.addOrigin(id, normaliseOrigin(origin))
      snapshots.invalidate()
    },
    async removeOrigin(siteName, origin) {
      const { id } = await getSite(store, siteName)
      const wanted = normaliseOrigin(origin)
      if (!(await store.removeOrigin(id, wanted))) {
        throw new SiteError(`The site "${siteName}" does not have the origin ${wanted}.`)
      }
      snapshots.invalidate()
    },
  }
}

type KeySide = Pick<SiteAdmin, 'createKey' | 'listKeys' | 'revokeKey'>

function keySide({ store, nowMs, snapshots }: Keyed): KeySide {
  return {
    async listKeys(siteName) {
      const { id: siteId } = await getSite(store, siteName)
      return (await store.listKeys(siteId)).map(
        // Hash and site stay here.
        ({ id, kind, value, hint, scopes, createdAtMs, revokedAtMs }) => ({
          id,
          kind,
          value,
          hint,
          scopes,
          createdAtMs,
          revokedAtMs,
        }),
      )
    },
    async createKey(siteName, kind, scopes = []) {
      if (kind === 'publishable' && scopes.length > 0) {
        throw new SiteError('Publishable keys have no scopes; they are for browsers.')
      }
      const allowed = kind === 'secret' ? checkScopes(scopes) : []
      const site = await getSite(store, siteName)
      const { stored, key } = makeKey(site.id, { kind, scopes: allowed, atMs: nowMs() })
      await store.addKey(stored)
      snapshots.invalidate()
      return { id: stored.id, key }
    },
    async revokeKey(siteName, keyId) {
      const { id } = await getSite(store, siteName)
      if (!(await store.revokeKey(id, keyId, nowMs()))) {
        throw new SiteError(`The site "${siteName}" has no key ${keyId} in use.`)
      }
      snapshots.invalidate()
    },
  }
}
