import { existsSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { type Migration, pendingAfter, readMigrations } from '../migrations.ts'

// Drizzle's own table and shape, so that its tools read it, too.
const TABLE = '__drizzle_migrations'
const CREATE = `CREATE TABLE IF NOT EXISTS ${TABLE} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)`

/** When the newest step a file has was generated; undefined when it has none. */
export function lastAppliedMs(client: BetterSqlite3.Database): number | undefined {
  const known = client.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(TABLE)
  if (known === undefined) return undefined
  const last = client.prepare(`SELECT max(created_at) FROM ${TABLE}`).pluck().get()
  return last === null ? undefined : Number(last)
}

/**
 * Brings a database up to date and answers the steps it took. Drizzle's own migrator looks first and locks
 * later: of two processes that open a new file at once, one dies ("table already exists").
 */
export function migrateSqlite(client: BetterSqlite3.Database, migrationsFolder: string): Migration[] {
  const migrations = readMigrations(migrationsFolder)
  // Readers need no lock when there is nothing to do, which is nearly always.
  if (pendingAfter(migrations, lastAppliedMs(client)).length === 0) return []
  client.exec('BEGIN IMMEDIATE')
  try {
    client.exec(CREATE)
    const pending = pendingAfter(migrations, lastAppliedMs(client))
    const record = client.prepare(`INSERT INTO ${TABLE} (hash, created_at) VALUES (?, ?)`)
    for (const { statements, hash, madeAtMs } of pending) {
      for (const statement of statements) client.exec(statement)
      record.run(hash, madeAtMs)
    }
    client.exec('COMMIT')
    return pending
  } catch (error) {
    if (client.inTransaction) client.exec('ROLLBACK')
    throw error
  }
}

/** What `migrateSqlite` would do to a file; writes nothing, makes no file. */
export function listPendingSqlite(path: string, migrationsFolder: string): Migration[] {
  if (!existsSync(path)) return readMigrations(migrationsFolder)
  const client = new BetterSqlite3(path, { readonly: true })
  try {
    return pendingAfter(readMigrations(migrationsFolder), lastAppliedMs(client))
  } finally {
    client.close()
  }
}
