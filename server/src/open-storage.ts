import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrationsFolder } from './platform/storage/migrations-folder.ts'
import type { Storage } from './platform/storage/storage.ts'
import { buildTables, type Tables } from './tables.ts'

/** Where the data of a server lies. */
export type Place =
  | { readonly engine: 'sqlite' /** A file, or `:memory:`. */; readonly path: string }
  | { readonly engine: 'postgres' /** Holds the password: never printed. */; readonly url: string }

/**
 * The database a URL names.
 *
 * @param url `postgres://…`, `postgresql://…`, `file:…`, `:memory:`; absent: `helloagain.sqlite` in the data folder
 */
export function placeOf(url: string | undefined, dataFolder: string): Place {
  if (url?.startsWith('postgres://') || url?.startsWith('postgresql://')) return { engine: 'postgres', url }
  if (url?.startsWith('file://')) return { engine: 'sqlite', path: fileURLToPath(url) }
  return { engine: 'sqlite', path: url?.replace(/^file:/, '') ?? join(dataFolder, 'helloagain.sqlite') }
}

// Loaded when wanted: a start on SQLite need not wait for PostgreSQL's driver, nor the other way round.
const loadPostgres = async () => ({
  ...(await import('./platform/storage/postgres/migrate.ts')),
  ...(await import('./platform/storage/postgres/open.ts')),
})
const loadSqlite = async () => ({
  ...(await import('./platform/storage/sqlite/migrate.ts')),
  ...(await import('./platform/storage/sqlite/open.ts')),
})

function makeFolder(path: string): void {
  // Others on the machine have no business in it.
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
}

export interface OpenOptions {
  /** How long PostgreSQL may take for a connection and for a query. @default as long as it needs, as a command may */
  readonly patienceMs?: number
}

/** What a server opens its database with: whoever waits longer for an answer has gone. */
export const SERVING: OpenOptions = { patienceMs: 10_000 }

/** Opens the database a URL names (see {@link placeOf}) and brings it up to date. */
export async function openStorage(
  url: string | undefined,
  dataFolder: string,
  options: OpenOptions = {},
): Promise<Storage<Tables>> {
  const place = placeOf(url, dataFolder)
  if (place.engine === 'postgres') {
    const { openPostgres } = await loadPostgres()
    return openPostgres(place.url, buildTables, {
      ...options,
      migrationsFolder: migrationsFolder('postgres'),
    })
  }
  const { openSqlite } = await loadSqlite()
  makeFolder(place.path)
  return openSqlite(place.path, buildTables, migrationsFolder('sqlite'))
}

/** Names of the steps the schema of a database lacks. Writes nothing; rejects when it does not answer. */
export async function listPendingMigrations(place: Place): Promise<string[]> {
  const pending =
    place.engine === 'postgres'
      ? await (await loadPostgres()).listPendingPostgres(place.url, migrationsFolder('postgres'))
      : (await loadSqlite()).listPendingSqlite(place.path, migrationsFolder('sqlite'))
  return pending.map(({ name }) => name)
}

/** Brings a database up to date and answers the names of the steps it took. */
export async function migrateStorage(place: Place): Promise<string[]> {
  const pending = await listPendingMigrations(place)
  const storage = await openStorage(place.engine === 'postgres' ? place.url : `file:${place.path}`, '')
  await storage.close()
  return pending
}
