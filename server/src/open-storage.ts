import { join } from 'node:path'
import { migrationsFolder } from './platform/storage/migrations-folder.ts'
import { openPostgres } from './platform/storage/postgres/open.ts'
import { openSqlite } from './platform/storage/sqlite/open.ts'
import type { Storage } from './platform/storage/storage.ts'
import { buildTables, type Tables } from './tables.ts'

/**
 * Opens the database a URL names and brings it up to date.
 *
 * @param url `postgres://…`, `postgresql://…`, `file:…`, `:memory:`; absent: `helloagain.sqlite` in the data folder
 */
export async function openStorage(url: string | undefined, dataFolder: string): Promise<Storage<Tables>> {
  if (url?.startsWith('postgres://') || url?.startsWith('postgresql://')) {
    return openPostgres(url, buildTables, migrationsFolder('postgres'))
  }
  const path = url?.replace(/^file:/, '') ?? join(dataFolder, 'helloagain.sqlite')
  return openSqlite(path, buildTables, migrationsFolder('sqlite'))
}
