import { setTimeout as sleep } from 'node:timers/promises'
import type { SecretKey, Site } from './ports.ts'
import type { SiteRows } from './store-port.ts'

/** Sites, origins and live keys, laid out for one look-up a question. */
export interface Snapshot {
  readonly byId: ReadonlyMap<string, Site>
  readonly byName: ReadonlyMap<string, Site>
  readonly byPublishableKey: ReadonlyMap<string, Site>
  readonly bySecretHash: ReadonlyMap<string, SecretKey>
  readonly originsOf: ReadonlyMap<string, ReadonlySet<string>>
  readonly origins: ReadonlySet<string>
}

function buildSnapshot({ sites, origins, keys }: SiteRows): Snapshot {
  const byId = new Map<string, Site>()
  const byName = new Map<string, Site>()
  const originsOf = new Map<string, Set<string>>()
  for (const { id, name, fingerprintSalt, unsetMode } of sites) {
    const site = Object.freeze({ id, name, fingerprintSalt, unsetMode })
    byId.set(id, site)
    byName.set(name, site)
    originsOf.set(id, new Set())
  }
  for (const { siteId, origin } of origins) originsOf.get(siteId)?.add(origin)

  const byPublishableKey = new Map<string, Site>()
  const bySecretHash = new Map<string, SecretKey>()
  for (const { id, siteId, kind, value, hash, scopes } of keys) {
    const site = byId.get(siteId)
    if (site && kind === 'secret') bySecretHash.set(hash, { id, site, scopes })
    else if (site && value !== null) byPublishableKey.set(value, site)
  }
  return {
    byId,
    byName,
    byPublishableKey,
    bySecretHash,
    originsOf,
    origins: new Set(origins.map(({ origin }) => origin)),
  }
}

/** Age at which memory is read anew: the command line changes the tables while the server runs. */
const SNAPSHOT_MAX_AGE_MS = 2000
/** A database that needs longer for these few rows is in trouble. */
const READ_LIMIT_MS = 500

export interface SnapshotReader {
  /**
   * At most {@link SNAPSHOT_MAX_AGE_MS} old; older only while the tables cannot be read, when nothing that a key or an
   * origin opens can be had either. However many ask at once, the tables are read once.
   */
  read(): Promise<Snapshot>
  /** The next read sees what was written before this call. */
  invalidate(): void
}

export function createSnapshotReader(readRows: () => Promise<SiteRows>, nowMs: () => number): SnapshotReader {
  let current: { readonly snapshot: Snapshot; readonly readAtMs: number } | undefined
  let reading: Promise<Snapshot> | undefined
  let epoch = 0

  async function load(): Promise<Snapshot> {
    const startedIn = epoch
    const readAtMs = nowMs()
    try {
      const snapshot = buildSnapshot(await readRows())
      // A reading that an invalidation overtook is too old to be kept.
      if (epoch === startedIn) current = { snapshot, readAtMs }
      return snapshot
    } finally {
      if (epoch === startedIn) reading = undefined
    }
  }

  /** A request that is refused anyway is told why, and not that the database is down. */
  function loadOr(known: Snapshot): Promise<Snapshot> {
    const late = sleep(READ_LIMIT_MS, known, { ref: false })
    return Promise.race([load().catch(() => known), late])
  }

  return {
    async read() {
      // Absolute, so that a clock set back does not freeze the snapshot.
      if (current && Math.abs(nowMs() - current.readAtMs) < SNAPSHOT_MAX_AGE_MS) return current.snapshot
      reading ??= current ? loadOr(current.snapshot) : load()
      return reading
    },
    invalidate() {
      epoch += 1
      current = undefined
      reading = undefined
    },
  }
}
