import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type Migration, readMigrations } from '../migrations.ts'
import { migrationsFolder } from '../migrations-folder.ts'
import { MIGRATION_LOCK, MIGRATIONS_TABLE } from '../postgres/migrate.ts'
import { tableOf } from './backup-postgres.ts'
import { splitAt, tablesAt } from './levels.ts'
import type { Manifest } from './manifest.ts'
import { quote, withClient } from './postgres-client.ts'
import { readArchive } from './read-archive.ts'
import { checkReplacing, type RestoreOptions } from './restore-options.ts'

/** A server that still works on the tables is not waited for any longer. */
const LOCK_LIMIT = '10s'

/** Of the tables of this and of earlier programs, those that are there. */
async function findOwnTables(client: Client): Promise<string[]> {
  const folder = migrationsFolder('postgres')
  const known = new Set(
    readMigrations(folder).flatMap((level) => tablesAt(folder, level).map(({ name }) => name)),
  )
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS t (name) WHERE to_regclass(quote_ident(name)) IS NOT NULL',
    [[...known]],
  )
  return rows.map(({ name }) => name)
}

async function apply(client: Client, migrations: readonly Migration[]): Promise<void> {
  for (const { statements, hash, madeAtMs } of migrations) {
    for (const statement of statements) await client.query(statement)
    await client.query(`INSERT INTO ${MIGRATIONS_TABLE} (hash, created_at) VALUES ($1, $2)`, [hash, madeAtMs])
  }
}

/** Not CASCADE: what others made of these tables is theirs, and PostgreSQL says what it is. */
async function removeOld(client: Client, tables: readonly string[]): Promise<void> {
  if (tables.length > 0) await client.query(`DROP TABLE ${tables.map(quote).join(', ')}`)
  await client.query(`DROP TABLE IF EXISTS ${MIGRATIONS_TABLE}`)
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${MIGRATIONS_TABLE.split('.')[0]}`)
  await client.query(
    `CREATE TABLE ${MIGRATIONS_TABLE} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
  )
}

/** A bound stands in a statement as it is. */
const BOUND = /^(?:DEFAULT|FOR VALUES FROM \('-?\d+'\) TO \('-?\d+'\))$/

async function addPartitions(client: Client, { partitions }: Manifest): Promise<void> {
  for (const { table, name, bound } of partitions) {
    if (!BOUND.test(bound)) throw new Error(`The backup splits ${table} in a way this program does not know.`)
    await client.query(`CREATE TABLE IF NOT EXISTS ${quote(name)} PARTITION OF ${quote(table)} ${bound}`)
  }
}

/** @returns how many rows of each table were copied */
async function copyRows(client: Client, { path, manifest, progress, signal }: RestoreOptions) {
  const shapes = new Map(
    tablesAt(migrationsFolder('postgres'), manifest.level).map(({ name, columns }) => [name, columns]),
  )
  const copied = new Map<string, number>()
  await readArchive(path, manifest, {
    onBytes: progress.advanceTo,
    async visit(name, bytes) {
      signal.throwIfAborted()
      const table = tableOf(name)
      const columns = shapes.get(table)
      if (columns === undefined) return
      const sql = `COPY ${quote(table)} (${columns.map(quote).join(', ')}) FROM STDIN WITH (ENCODING 'UTF8')`
      const stream = client.query(copyFrom(sql))
      await pipeline(bytes, stream)
      copied.set(table, (copied.get(table) ?? 0) + stream.rowCount)
    },
  })
  return copied
}

/** Other programs that are connected to the same database now. */
export const countOthers = (url: string): Promise<number> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ count: string }>(
      `SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    )
    return Number(rows[0]?.count)
  })

export const holdsPostgres = (url: string): Promise<boolean> =>
  withClient(url, async (client) => (await findOwnTables(client)).length > 0)

/**
 * Puts a verified backup in the place of what a database holds, in one transaction: until its end nothing has happened.
 *
 * @throws Error when there is data that may not be replaced, or when what arrived is not what was backed up
 */
export function restorePostgres(url: string, options: RestoreOptions): Promise<void> {
  const { manifest, isReplacing, progress } = options
  const { before, after } = splitAt(readMigrations(migrationsFolder('postgres')), manifest.level)
  return withClient(url, async (client) => {
    await client.query('BEGIN')
    await client.query(`SET LOCAL lock_timeout = '${LOCK_LIMIT}'`)
    // A server that starts meanwhile waits here, and then finds everything done.
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    const old = await findOwnTables(client)
    checkReplacing(old.length > 0, isReplacing)
    await removeOld(client, old)
    await apply(client, before)
    await addPartitions(client, manifest)
    const names = manifest.tables.map(({ name }) => name)
    // Steps leave first rows behind.
    await client.query(`TRUNCATE ${names.map(quote).join(', ')}`)
    const copied = await copyRows(client, options)
    for (const { name, rows } of manifest.tables) {
      const found = copied.get(name) ?? 0
      if (found !== rows)
        throw new Error(`${name} has ${found} rows instead of ${rows}: nothing was changed.`)
    }
    await apply(client, after)
    await client.query('COMMIT')
    progress.end()
  })
}
