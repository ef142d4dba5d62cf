import type { Config } from '../config.ts'
import { openStorage } from '../open-storage.ts'
import type { SiteAdmin } from '../sites/ports.ts'
import { createSites } from '../sites/service.ts'
import { createSiteStore } from '../sites/store.ts'

/** Opens the database of a configuration for one piece of work on sites and keys. */
export async function withSites<T>(config: Config, work: (sites: SiteAdmin) => Promise<T>): Promise<T> {
  const storage = await openStorage(config.DATABASE_URL, config.DATA_DIR)
  try {
    const sites = createSites({ store: createSiteStore(storage), nowMs: Date.now })
    await sites.ensureDefault()
    return await work(sites)
  } finally {
    await storage.close()
  }
}
