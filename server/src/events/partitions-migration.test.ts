import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { v7 } from 'uuid'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrationsFolder } from '../platform/storage/migrations-folder.ts'
import { createDatabase } from '../platform/storage/on-every-engine.ts'
import { migratePostgres, openPool } from '../platform/storage/postgres/migrate.ts'
import { migrateSqlite } from '../platform/storage/sqlite/migrate.ts'

const DAY_MS = 86_400_000
const NOW_MS = Date.now()
const COLUMNS = `site_id, event_id, session_id, visitor_id, visit_id, event_type, payload, seq, timestamp_ms,
  client_timestamp_ms, sent_at_ms, received_at_ms, is_proven`

interface Old {
  readonly id: string
  readonly clientMs?: number
  readonly atMs: number
  readonly partitionMs: number
}

const dated = (atMs: number): Old => ({ id: v7({ msecs: atMs }), atMs, partitionMs: atMs })
const foreign = (clientMs: number | undefined): Old => ({
  id: randomUUID(),
  ...(clientMs !== undefined && { clientMs }),
  atMs: NOW_MS,
  partitionMs: clientMs ?? 0,
})

/** As a database of before may hold them: months past, ids of other kinds, clocks far off. */
const OLD: readonly Old[] = [
  ...Array.from({ length: 20 }, (_, index) => dated(NOW_MS - index * 9 * DAY_MS)),
  dated(0),
  dated(2 ** 48 - 1),
  foreign(NOW_MS - 40 * DAY_MS),
  foreign(undefined),
  foreign(-1),
]

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrations-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The migrations of an engine as they were before the log was split. */
async function oldMigrations(engine: 'postgres' | 'sqlite'): Promise<string> {
  const old = join(folder, engine)
  await cp(migrationsFolder(engine), old, { recursive: true })
  const path = join(old, 'meta', '_journal.json')
  const journal = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }))
  return old
}

const insertOld = OLD.map(
  ({ id, atMs, clientMs }) => `INSERT INTO event_logs (${COLUMNS}) VALUES ('s1', '${id}', 'a', 'v', NULL,
    'PAGE_VIEW', '{"page":"/é"}', 7, ${atMs}, ${clientMs ?? 'NULL'}, NULL, ${NOW_MS}, true)`,
)

const EXPECTED = OLD.map(({ id, partitionMs }) => [id, partitionMs]).sort()
const EVENTS = 'SELECT event_id AS id, partition_ms AS "partitionMs" FROM event_logs'
const WHOLE = `SELECT count(*) AS n FROM event_logs WHERE site_id = 's1' AND session_id = 'a' AND visitor_id = 'v'
  AND visit_id IS NULL AND event_type = 'PAGE_VIEW' AND seq = 7 AND received_at_ms = ${NOW_MS} AND is_proven`
const COUNTED = `SELECT sum(events) AS n, max(quarter_ms) AS "lastMs" FROM event_rollups WHERE event_type = 'PAGE_VIEW'`
const toPairs = (rows: readonly { id: string; partitionMs: number | string }[]) =>
  rows.map((row) => [row.id, Number(row.partitionMs)]).sort()
const LAST_QUARTER_MS = NOW_MS - (NOW_MS % 900_000)

it('SQLite: a database of before keeps every event, each with its time and counted once', async () => {
  const client = new BetterSqlite3(':memory:')
  migrateSqlite(client, await oldMigrations('sqlite'))
  for (const statement of insertOld) client.exec(statement)
  expect(migrateSqlite(client, migrationsFolder('sqlite'))).not.toEqual([])
  expect(toPairs(client.prepare(EVENTS).all() as [])).toEqual(EXPECTED)
  expect(client.prepare(WHOLE).pluck().get()).toBe(OLD.length)
  expect(client.prepare(COUNTED).get()).toEqual({ n: OLD.length, lastMs: LAST_QUARTER_MS })
  client.close()
})

it('PostgreSQL: a database of before keeps every event, each in the partition of its month', async () => {
  const pool = openPool(await createDatabase())
  await migratePostgres(pool, await oldMigrations('postgres'))
  for (const statement of insertOld) await pool.query(statement)
  expect(await migratePostgres(pool, migrationsFolder('postgres'))).not.toEqual([])
  expect(toPairs((await pool.query(EVENTS)).rows)).toEqual(EXPECTED)
  expect(Number((await pool.query(WHOLE)).rows[0].n)).toBe(OLD.length)
  const [counted] = (await pool.query(COUNTED)).rows
  expect([Number(counted.n), Number(counted.lastMs)]).toEqual([OLD.length, LAST_QUARTER_MS])
  const { rows } = await pool.query('SELECT tableoid::regclass::text AS name, event_id FROM event_logs')
  const partitionOf = new Map(rows.map((row) => [row.event_id, row.name]))
  for (const { id, partitionMs } of OLD) {
    const month = new Date(partitionMs).toISOString().slice(0, 7).replace('-', '_')
    const isOdd = partitionMs < NOW_MS - 365 * DAY_MS || partitionMs > NOW_MS
    const name = partitionMs === 0 ? 'undated' : isOdd ? 'default' : month
    expect(partitionOf.get(id)).toBe(`event_logs_${name}`)
  }
  await pool.end()
})
