import type { Engine } from '../../../../server/src/platform/storage/storage.ts'
import { newOwner, type SampleRow, sampleRow } from './sample-row.ts'

type Sqlite = Parameters<Parameters<Extract<Engine, { kind: 'sqlite' }>['inTurn']>[0]>[0]
type Pool = Extract<Engine, { kind: 'postgres' }>['pool']

/** Only names that a row has: a column that is new to the table ends the run instead of bending it. */
function checkColumns(columns: readonly string[]): (keyof SampleRow)[] {
  const row = sampleRow(newOwner(), 0)
  const missing = columns.filter((name) => !(name in row))
  if (missing.length > 0) throw new Error(`sample-row.ts does not know ${missing.join(', ')}.`)
  return columns as (keyof SampleRow)[]
}

/** Stores rows in one transaction, each by the statement that the server uses. */
export function prepareSqliteInsert(client: Sqlite): (rows: readonly SampleRow[]) => void {
  const names = client.prepare("SELECT name FROM pragma_table_info('event_logs')").pluck().all() as string[]
  const columns = checkColumns(names)
  const insert = client.prepare(
    `INSERT INTO event_logs (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
      ON CONFLICT DO NOTHING`,
  )
  const store = client.transaction((rows: readonly SampleRow[]) => {
    for (const row of rows) insert.run(columns.map((name) => row[name]))
  })
  return (rows) => store.immediate(rows)
}

/** Stores rows by one statement, of the kind that the server uses. */
export async function preparePostgresInsert(
  pool: Pool,
): Promise<(rows: readonly SampleRow[]) => Promise<void>> {
  const { rows: found } = await pool.query<{ name: string; type: string }>(
    `SELECT column_name AS name, udt_name AS type FROM information_schema.columns
      WHERE table_schema = current_schema() AND table_name = 'event_logs' ORDER BY ordinal_position`,
  )
  const columns = checkColumns(found.map(({ name }) => name))
  const arrays = found.map(({ type }, index) => `$${index + 1}::${type}[]`)
  const statement = {
    name: 'insert-rows',
    text: `INSERT INTO event_logs (${columns.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})
      ON CONFLICT DO NOTHING RETURNING site_id, event_id`,
  }
  return async (rows) => {
    await pool.query({ ...statement, values: columns.map((name) => rows.map((row) => row[name])) })
  }
}
