import { closeSync, existsSync, openSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import { type Columns, sqliteColumns } from '../columns.ts'
import type { Database, Storage } from '../storage.ts'
import { createAccess } from './access.ts'
import { migrateSqlite } from './migrate.ts'
import { createSoundness } from './soundness.ts'

type Row = unknown[]

/** How long a start waits for another process: a backup, or a server that migrates. */
const START_BUSY_LIMIT_MS = 60_000
/** How long a statement does; the whole server waits with it, so the long wait is that of {@link Access}. */
const BUSY_LIMIT_MS = 5
/** How long a question waits that load balancers ask every few seconds. */
const PING_PATIENCE_MS = 200

/** SQLite makes files that everybody on the machine may read; its journals take the mode of the file. */
function makeForOwnerOnly(path: string): void {
  if (path !== ':memory:' && !existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}

function openClient(path: string): BetterSqlite3.Database {
  makeForOwnerOnly(path)
  const client = new BetterSqlite3(path, { timeout: START_BUSY_LIMIT_MS })
  client.pragma('journal_mode = WAL')
  // FULL: an answered write survives a power cut, not only a crash of this process.
  client.pragma('synchronous = FULL')
  client.pragma('foreign_keys = ON')
  // Erased values must not linger in free pages (SECURITY.md P6).
  client.pragma('secure_delete = ON')
  return client
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
  client.pragma(`busy_timeout = ${BUSY_LIMIT_MS}`)

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

  function run(statement: BetterSqlite3.Statement, params: unknown[], method: string): { rows: Row | Row[] } {
    if (!statement.reader) {
      statement.run(...params)
      return { rows: [] }
    }
    const raw = statement.raw()
    return { rows: (method === 'get' ? raw.get(...params) : raw.all(...params)) as Row | Row[] }
  }

  // One connection: statements outside a transaction wait until it ends, so it cannot swallow them.
  const access = createAccess()
  const { guard, probe } = createSoundness(client, path)
  const write = <T>(work: () => Promise<T> | T) => access.write(() => guard(work))

  const shared = {
    tables: buildTables(sqliteColumns),
    engine: {
      kind: 'sqlite' as const,
      inTurn: <T>(work: (db: BetterSqlite3.Database) => T) => write(() => work(client)),
      read: <T>(work: (db: BetterSqlite3.Database) => T) => access.read(() => work(client)),
    },
    ping: () => access.probe(probe, PING_PATIENCE_MS),
    close: () => access.write(() => void client.close()),
  }
  // The proxy answers with the same builders; the cast holds because contract tests run on both engines.
  const outside = drizzle(async (sql, params, method) => {
    const statement = prepare(sql)
    const work = () => run(statement, params, method)
    return statement.readonly ? access.read(work) : write(work)
  }) as unknown as Database
  const inside = drizzle(async (sql, params, method) =>
    run(prepare(sql), params, method),
  ) as unknown as Database

  const nested: Storage<Tables> = { ...shared, db: inside, transaction: (work) => work(nested) }
  return {
    ...shared,
    db: outside,
    transaction: (work) =>
      write(async () => {
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
