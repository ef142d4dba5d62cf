import { setTimeout as sleep } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Pool, PoolClient } from 'pg'
import { type Columns, postgresColumns } from '../columns.ts'
import type { Database, Storage } from '../storage.ts'
import { migratePostgres, openPool } from './migrate.ts'

interface Served<Tables> {
  readonly pool: Pool
  readonly tables: Tables
}

/** What both a pool and the connection of a transaction serve. */
const share = <Tables>({ pool, tables }: Served<Tables>) => ({
  tables,
  engine: { kind: 'postgres' as const, pool },
  close: () => pool.end(),
  ping: async () => {
    const { rows } = await pool.query<{ state: string }>(
      "SELECT current_setting('transaction_read_only') AS state",
    )
    // A standby, or an administrator's doing.
    if (rows[0]?.state !== 'off') throw new Error('The database is read-only.')
  },
})

/** Of two that wait for each other PostgreSQL undoes one. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DEADLOCK = '40P01'
const TRIES = 3
/** So that the other one, which is awake by then, goes first. */
const PAUSE_MS = 50

function isDeadlock(error: unknown): boolean {
  // The query builder wraps what the driver throws.
  return (
    error instanceof Error && ((error as { code?: unknown }).code === DEADLOCK || isDeadlock(error.cause))
  )
}

/** Drizzle's own loses the connection where BEGIN fails, and with it a place in the pool for good (drizzle-orm 0.45). */
async function tryInTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((fault: Error) => {
      broken = fault
    })
    throw error
  } finally {
    client.release(broken)
  }
}

export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      return await tryInTransaction(pool, work)
    } catch (error) {
      if (left === 0 || !isDeadlock(error)) throw error
    }
    await sleep(PAUSE_MS * (0.5 + Math.random()))
  }
}

function serveInside<Tables>(db: Database, served: Served<Tables>): Storage<Tables> {
  const nested: Storage<Tables> = { ...share(served), db, transaction: (work) => work(nested) }
  return nested
}

/**
 * Connects, brings the schema up to date, and serves it as a {@link Storage}.
 *
 * @param patienceMs how long a connection may take, and a query; without it as long as it needs
 */
export async function openPostgres<Tables>(
  url: string,
  buildTables: (columns: Columns) => Tables,
  { migrationsFolder, patienceMs }: { migrationsFolder: string; patienceMs?: number },
): Promise<Storage<Tables>> {
  // A migration takes its time, and waits for that of another server.
  const migrating = openPool(url, { max: 1 })
  try {
    await migratePostgres(migrating, migrationsFolder)
  } finally {
    await migrating.end()
  }
  // Twice: the server gives up a statement, the driver a server that does not answer any more.
  const limits = patienceMs !== undefined && {
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    statement_timeout: patienceMs,
    idle_in_transaction_session_timeout: patienceMs,
  }
  const pool = openPool(url, limits || {})
  const served = { pool, tables: buildTables(postgresColumns) }
  return {
    ...share(served),
    db: drizzle(pool),
    transaction: (work) => inTransaction(pool, (client) => work(serveInside(drizzle(client), served))),
  }
}
