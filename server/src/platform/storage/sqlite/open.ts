import { closeSync, existsSync, openSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import { type Columns, sqliteColumns } from '../columns.ts'
import type { Database, Storage } from '../storage.ts'
import { migrateSqlite } from './migrate.ts'
import { createTurns } from './turns.ts'

type Row = unknown[]

/** How long a write waits for another process; the whole server waits with it. */
const BUSY_LIMIT_MS = 5000
/** As above, for a question that load balancers ask every few seconds. */
const PING_BUSY_LIMIT_MS = 200

/** SQLite makes files that everybody on the machine may read; its journals take the mode of the file. */
function makeForOwnerOnly(path: string): void {
  if (path !== ':memory:' && !existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}

function openClient(path: string): BetterSqlite3.Database {
  makeForOwnerOnly(path)
  const client = new BetterSqlite3(path)
  client.pragma('journal_mode = WAL')
  // FULL: an answered write survives a power cut, not only a crash of this process.
  client.pragma('synchronous = FULL')
  client.pragma('foreign_keys = ON')
  // Erased values must not linger in free pages (SECURITY.md P6).
  client.pragma('secure_delete = ON')
  client.pragma(`busy_timeout = ${BUSY_LIMIT_MS}`)
  return client
}

/**
 * Throws when nothing could be written: a statement that changes no row takes the lock of one that does,
 * and writes no page.
 */
function checkWritable(client: BetterSqlite3.Database): void {
  client.pragma(`busy_timeout = ${PING_BUSY_LIMIT_MS}`)
  try {
    client.exec('DELETE FROM __drizzle_migrations WHERE 0')
  } finally {
    client.pragma(`busy_timeout = ${BUSY_LIMIT_MS}`)
  }
}

/** Opens a file (or `:memory:`), brings it up to date, and serves it as a {@link Storage}. */
export function openSqlite<Tables>(
  path: string,
  buildTables: (columns: Columns) => Tables,
  migrationsFolder: string,
): Storage<Tables> {
  const client = openClient(path)
  try {
    migrateSqlite(client, migrationsFolder)
  } catch (error) {
    client.close()
    throw error
  }

  const statements = new Map<string, BetterSqlite3.Statement>()
  function prepare(sql: string): BetterSqlite3.Statement {
    let statement = statements.get(sql)
    if (!statement) {
      statement = client.prepare(sql)
      // Statements with lists of varying length would grow this without end.
      if (statements.size < 1000) statements.set(sql, statement)
    }
    return statement
  }

  function run(sql: string, params: unknown[], method: string): { rows: Row | Row[] } {
    const statement = prepare(sql)
    if (!statement.reader) {
      statement.run(...params)
      return { rows: [] }
    }
    const raw = statement.raw()
    return { rows: (method === 'get' ? raw.get(...params) : raw.all(...params)) as Row | Row[] }
  }

  // One connection: statements outside a transaction wait until it ends, so it cannot swallow them.
  const turns = createTurns()
  const shared = {
    tables: buildTables(sqliteColumns),
    engine: {
      kind: 'sqlite' as const,
      inTurn: <T>(work: (db: BetterSqlite3.Database) => T) => turns.take(() => work(client)),
    },
    ping: () => turns.take(() => checkWritable(client)),
    close: () => turns.take(() => void client.close()),
  }
  // The proxy answers with the same builders; the cast holds because contract tests run on both engines.
  const outside = drizzle(async (...query) => turns.take(() => run(...query))) as unknown as Database
  const inside = drizzle(async (...query) => run(...query)) as unknown as Database

  const nested: Storage<Tables> = { ...shared, db: inside, transaction: (work) => work(nested) }
  return {
    ...shared,
    db: outside,
    transaction: (work) =>
      turns.take(async () => {
        client.exec('BEGIN IMMEDIATE')
        try {
          const result = await work(nested)
          client.exec('COMMIT')
          return result
        } catch (error) {
          if (client.inTransaction) client.exec('ROLLBACK')
          throw error
        }
      }),
  }
}
