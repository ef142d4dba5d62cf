import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { type ClientBase, Pool, type PoolConfig } from 'pg'
import { type Migration, pendingAfter, readMigrations } from '../migrations.ts'

/** Any number that nothing else in the database locks; two servers starting at once migrate in turn. */
export const MIGRATION_LOCK = 7_240_017
/** Drizzle's own, so that its tools read it, too. */
export const MIGRATIONS_TABLE = 'drizzle.__drizzle_migrations'
/** Long enough for a busy database, short enough for a person at a prompt. */
const CONNECT_LIMIT_MS = 10_000

/**
 * Connections to a database. A lost one is not a crash: its query fails, the next one opens another. Statements sent
 * without waiting travel together; a failed one fails only itself, and its transaction. Cursors and COPY need a
 * connection of their own.
 *
 * @param limits beyond that for connecting; a command may take as long as it needs
 */
export function openPool(connectionString: string, limits: PoolConfig = {}): Pool {
  const connection = { connectionString, connectionTimeoutMillis: CONNECT_LIMIT_MS }
  const pool = new Pool({ ...connection, pipeline: true, ...limits })
  pool.on('error', () => undefined)
  // The pool listens to idle connections only; one that breaks in use would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** When the newest step a database has was generated; undefined when it has none. */
export async function readLastAppliedMs(client: ClientBase): Promise<number | undefined> {
  const known = await client.query<{ known: boolean }>('SELECT to_regclass($1) IS NOT NULL AS known', [
    MIGRATIONS_TABLE,
  ])
  if (known.rows[0]?.known !== true) return undefined
  const last = await client.query<{ last: string | null }>(
    `SELECT max(created_at) AS last FROM ${MIGRATIONS_TABLE}`,
  )
  return last.rows[0]?.last ? Number(last.rows[0].last) : undefined
}

const readPending = async (client: ClientBase, migrationsFolder: string) =>
  pendingAfter(readMigrations(migrationsFolder), await readLastAppliedMs(client))

/** Brings a database up to date and answers the steps it took. */
export async function migratePostgres(pool: Pool, migrationsFolder: string): Promise<Migration[]> {
  const client = await pool.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    const pending = await readPending(client, migrationsFolder)
    if (pending.length > 0) await migrate(drizzle(client), { migrationsFolder })
    return pending
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined)
    client.release()
  }
}

/** What `migratePostgres` would do; writes nothing. Rejects when the database does not answer. */
export async function listPendingPostgres(url: string, migrationsFolder: string): Promise<Migration[]> {
  const pool = openPool(url)
  try {
    const client = await pool.connect()
    try {
      return await readPending(client, migrationsFolder)
    } finally {
      client.release()
    }
  } finally {
    await pool.end()
  }
}
