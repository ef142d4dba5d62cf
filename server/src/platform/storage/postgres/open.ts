import { drizzle } from 'drizzle-orm/node-postgres'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Pool } from 'pg'
import { type Columns, postgresColumns } from '../columns.ts'
import type { Storage } from '../storage.ts'
import { migratePostgres, openPool } from './migrate.ts'

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
      const { rows } = await pool.query<{ state: string }>(
        "SELECT current_setting('transaction_read_only') AS state",
      )
      // A standby, or an administrator's doing.
      if (rows[0]?.state !== 'off') throw new Error('The database is read-only.')
    },
    transaction: (work) => db.transaction((inner) => work(serve(inner, { pool, tables }))),
  }
}

/** Connects, brings the schema up to date, and serves it as a {@link Storage}. */
export async function openPostgres<Tables>(
  url: string,
  buildTables: (columns: Columns) => Tables,
  migrationsFolder: string,
): Promise<Storage<Tables>> {
  const pool = openPool(url)
  try {
    await migratePostgres(pool, migrationsFolder)
  } catch (error) {
    await pool.end()
    throw error
  }
  return serve(drizzle(pool), { pool, tables: buildTables(postgresColumns) })
}
