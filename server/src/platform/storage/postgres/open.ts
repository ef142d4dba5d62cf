import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { Pool } from 'pg'
import { type Columns, postgresColumns } from '../columns.ts'
import type { Storage } from '../storage.ts'

interface Served<Tables> {
  readonly pool: Pool
  readonly tables: Tables
}

function serve<Tables>(db: PgDatabase<PgQueryResultHKT>, { pool, tables }: Served<Tables>): Storage<Tables> {
  return {
    db,
    tables,
    engine: { kind: 'postgres', pool },
    close: () => pool.end(),
    ping: async () => {
      await pool.query('SELECT 1')
    },
    transaction: (work) => db.transaction((inner) => work(serve(inner, { pool, tables }))),
  }
}

// Any number that nothing else in the database locks; two servers starting at once migrate in turn.
const MIGRATION_LOCK = 7_240_017

/** Connects, brings the schema up to date, and serves it as a {@link Storage}. */
export async function openPostgres<Tables>(
  url: string,
  buildTables: (columns: Columns) => Tables,
  migrationsFolder: string,
): Promise<Storage<Tables>> {
  const pool = new Pool({ connectionString: url })
  // A lost idle connection is not a crash: the next query opens another.
  pool.on('error', () => undefined)
  const client = await pool.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    await migrate(drizzle(client), { migrationsFolder })
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined)
    client.release()
  }
  return serve(drizzle(pool), { pool, tables: buildTables(postgresColumns) })
}
