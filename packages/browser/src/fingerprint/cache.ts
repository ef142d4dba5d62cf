import { promisifyRequest } from 'idb-keyval'
import type { Persistence } from '../persistence/persistence.ts'
import { readJson } from '../persistence/persistence.ts'
import { createWebStorage } from '../persistence/web-storage.ts'
import { briefly, FINGERPRINT_DATABASE } from './database.ts'

/** What is kept of an observation: no signal, only its name. */
export interface CachedFingerprint {
  /** 32 lower-case hex digits. */
  hash: string
  /** 0 where the next page is to observe in any case. */
  observedAtMs: number
  /** True where the time ran out before the last probe. */
  partial?: boolean
}

/** A slower, larger store beside the mirror. Calls may reject. */
export interface FingerprintStore {
  get(): Promise<unknown>
  set(value: CachedFingerprint): Promise<void>
  remove(): Promise<void>
}

export interface FingerprintCache {
  /** The fingerprint, at once: from memory, else from the mirror. Touches no storage before it is called. */
  read(): CachedFingerprint | undefined
  /** The same, or else the IndexedDB copy, which then heals a lost mirror. Never rejects. */
  restore(): Promise<CachedFingerprint | undefined>
  /** Keeps it. A partial one never replaces a full one. Never rejects. */
  write(fingerprint: CachedFingerprint): Promise<void>
  /** Forgets it everywhere, and creates nothing in doing so. Never rejects. */
  clear(): Promise<void>
}

export interface FingerprintCacheOptions {
  /** Key in both stores. */
  storageKey: string
  /** @default localStorage */
  mirror?: Persistence
  /** @default IndexedDB, database `helloagain` */
  store?: FingerprintStore
}

/**
 * Keeps the fingerprint in IndexedDB, mirrored in localStorage for the synchronous read before the first request.
 * Where the browser refuses storage it lives as long as the page.
 */
export function createFingerprintCache(options: FingerprintCacheOptions): FingerprintCache {
  const { storageKey: key } = options
  const mirror = options.mirror ?? createWebStorage(() => localStorage)
  const store = options.store ?? createIndexedDbStore(key)
  let known: CachedFingerprint | undefined

  const read = () => (known ??= parseCached(readJson(mirror, key)))
  return {
    read,
    async restore() {
      if (read()) return known
      const stored = parseCached(await store.get().catch(() => undefined))
      // Something may have been written while the database was read; it is newer.
      if (!known && stored) {
        known = stored
        mirror.set(key, JSON.stringify(stored))
      }
      return known
    },
    async write(fingerprint) {
      if (fingerprint.partial === true && read()?.partial !== true && read()) return
      known = fingerprint
      mirror.set(key, JSON.stringify(fingerprint))
      await store.set(fingerprint).catch(() => undefined)
    },
    async clear() {
      known = undefined
      mirror.remove(key)
      await store.remove().catch(() => undefined)
    },
  }
}

function parseCached(value: unknown): CachedFingerprint | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { hash, observedAtMs, partial } = value as Partial<Record<keyof CachedFingerprint, unknown>>
  if (typeof hash !== 'string' || !/^[0-9a-f]{32}$/.test(hash)) return undefined
  if (typeof observedAtMs !== 'number') return undefined
  return { hash, observedAtMs, ...(partial === true && { partial }) }
}

function createIndexedDbStore(key: string): FingerprintStore {
  // Async functions, because the mere mention of `indexedDB` throws in sandboxed frames.
  return {
    get: async () => briefly(indexedDB, 'readonly', (store) => promisifyRequest<unknown>(store.get(key))),
    set: async (value) =>
      void (await briefly(indexedDB, 'readwrite', (store) => promisifyRequest(store.put(value, key)))),
    async remove() {
      // The database goes too, not only its row: after a refusal nothing of ours is left in the browser.
      await promisifyRequest(indexedDB.deleteDatabase(FINGERPRINT_DATABASE))
    },
  }
}
