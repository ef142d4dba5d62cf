import type { Client } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { readMigrations } from '../migrations.ts'
import { migrationsFolder } from '../migrations-folder.ts'
import { readLastAppliedMs } from '../postgres/migrate.ts'
import { levelAt, type TableShape, tablesAt } from './levels.ts'
import type { DatabasePart } from './manifest.ts'
import { quote, withClient } from './postgres-client.ts'
import type { Progress } from './progress.ts'
import type { ArchiveWriter } from './write-archive.ts'

interface BackupOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** The name of an entry with rows of a table, as COPY writes and reads them. */
const rowsEntry = (table: string, part: number) => `tables/${table}/${String(part).padStart(6, '0')}.copy`
/** The table whose rows an entry holds; empty for an entry of another kind. */
export const tableOf = (entry: string) => /^tables\/([^/]+)\/\d+\.copy$/.exec(entry)?.[1] ?? ''

/** How much of a table is held in memory, as tar wants to know how long an entry is before it begins. */
const PART_BYTES = 8 << 20
const NEWLINE = 10

/** Cuts COPY's text into parts of whole rows: within a row, COPY writes newlines as \n. */
async function* inParts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    held.push(chunk)
    size += chunk.length
    const end = size < PART_BYTES ? -1 : chunk.lastIndexOf(NEWLINE)
    if (end === -1) continue
    const all = Buffer.concat(held)
    const cut = size - chunk.length + end + 1
    yield all.subarray(0, cut)
    held = [all.subarray(cut)]
    size -= cut
  }
  if (size > 0) yield Buffer.concat(held)
}

const SIZES = `SELECT t.name, (SELECT coalesce(sum(pg_relation_size(part.relid)), 0)
    FROM pg_partition_tree(to_regclass(quote_ident(t.name))) AS part) AS bytes FROM unnest($1::text[]) AS t (name)`

/** For the progress bar: about how many bytes each table is. */
async function readSizes(client: Client, tables: readonly TableShape[]): Promise<Map<string, number>> {
  const { rows } = await client.query<{ name: string; bytes: string }>(SIZES, [
    tables.map(({ name }) => name),
  ])
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]))
}

const PARTITIONS = `SELECT parent.relname AS "table", part.relname AS name, pg_get_expr(part.relpartbound, part.oid) AS bound
  FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent
  WHERE inhparent IN (SELECT to_regclass(quote_ident(name)) FROM unnest($1::text[]) AS t (name)) AND parent.relkind = 'p'
  ORDER BY 1, 2`

/**
 * Adds every table of a database as it is at one moment, while servers go on writing. Needs no pg_dump, whose version
 * must be that of the server or newer.
 *
 * @throws Error when there is nothing to back up; the database's when it does not answer
 */
export function backupPostgres(
  url: string,
  archive: ArchiveWriter,
  { progress, signal }: BackupOptions,
): Promise<DatabasePart> {
  const folder = migrationsFolder('postgres')
  return withClient(url, async (client) => {
    const level = levelAt(readMigrations(folder), await readLastAppliedMs(client))
    const tables = tablesAt(folder, level)
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    // Before the snapshot is taken, with the first query, which keeps rows, not tables: a partition that went between the
    // two would be missing in it.
    await client.query(`LOCK TABLE ${tables.map(({ name }) => quote(name)).join(', ')} IN ACCESS SHARE MODE`)
    const sizes = await readSizes(client, tables)
    progress.begin(
      'Copying the database',
      [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
    )

    async function copyTable({ name, columns }: TableShape, before: number): Promise<number> {
      // Split tables are read by a query only.
      const query = `SELECT ${columns.map(quote).join(', ')} FROM ${quote(name)}`
      const stream = client.query(copyTo(`COPY (${query}) TO STDOUT WITH (ENCODING 'UTF8')`))
      let part = 0
      let bytes = 0
      for await (const rows of inParts(stream)) {
        signal.throwIfAborted()
        part += 1
        await archive.add(rowsEntry(name, part), rows)
        bytes += rows.length
        progress.advanceTo(before + Math.min(bytes, sizes.get(name) ?? 0))
      }
      // Known once the connection is free for the next query.
      await client.query('SELECT')
      return stream.rowCount
    }

    const counted: { name: string; rows: number }[] = []
    let done = 0
    for (const table of tables) {
      signal.throwIfAborted()
      counted.push({ name: table.name, rows: await copyTable(table, done) })
      done += sizes.get(table.name) ?? 0
      progress.advanceTo(done)
    }
    const names = tables.map(({ name }) => name)
    const partitions = await client.query<DatabasePart['partitions'][number]>(PARTITIONS, [names])
    progress.end()
    return { engine: 'postgres', level, tables: counted, partitions: partitions.rows }
  })
}
