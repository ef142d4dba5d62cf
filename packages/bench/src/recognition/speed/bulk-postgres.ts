import type { Engine } from '../../../../../server/src/platform/storage/storage.ts'
import type { Bulk } from './bulk.ts'

export async function openPostgresBulk({ pool }: Extract<Engine, { kind: 'postgres' }>): Promise<Bulk> {
  const client = await pool.connect()
  await client.query(
    "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '512MB'",
  )
  /** By table and column. */
  async function readTypes(table: string): Promise<ReadonlyMap<string, string>> {
    const { rows } = await client.query<{ name: string; type: string }>(
      'SELECT attname AS name, atttypid::regtype::text AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0',
      [table],
    )
    return new Map(rows.map(({ name, type }) => [name, type]))
  }
  return {
    async insert(table, rows, onConflict = '') {
      const names = Object.keys(rows[0] ?? {})
      const types = await readTypes(table)
      const arrays = names.map((name, index) => `$${index + 1}::${types.get(name)}[]`)
      await client.query(
        `INSERT INTO ${table} (${names.join()}) SELECT * FROM unnest(${arrays.join()}) ${onConflict}`,
        names.map((name) => rows.map((row) => row[name])),
      )
    },
    async run(sql) {
      await client.query(sql)
    },
    async dropIndexes(tables) {
      // Those of a constraint stay: what must not stand twice does not.
      const { rows } = await client.query<{ name: string; sql: string }>(
        `SELECT indexname AS name, indexdef AS sql FROM pg_indexes
          WHERE schemaname = current_schema() AND tablename = ANY($1::text[])
            AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY indexname`,
        [tables],
      )
      for (const { name } of rows) await client.query(`DROP INDEX ${name}`)
      return rows.map(({ sql }) => sql)
    },
    async close() {
      // Or the database's own cleaning and writing would fall into what is timed.
      await client.query('VACUUM ANALYZE')
      await client.query('CHECKPOINT')
      // Its settings go with it.
      client.release(true)
    },
  }
}
