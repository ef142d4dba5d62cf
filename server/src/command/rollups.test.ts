import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createDatabase } from '../platform/storage/on-every-engine.ts'
import { runCommand, type Served, startServe } from '../testing/command-line.ts'
import { createEventLoad } from '../testing/event-load.ts'

// Processes: slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let folder: string
let served: Served | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollups-'))
})
afterEach(async () => {
  await served?.stop()
  served = undefined
  await rm(folder, { recursive: true })
})

const run = (line: string, env: Record<string, string> = {}) =>
  runCommand(line.split(' '), { folder, env: { LOG_LEVEL: 'silent', ...env } })

const COUNTED = 'SELECT sum(events) AS n FROM event_rollups'
const STORED = 'SELECT count(*) AS n FROM event_logs'

async function onSqlite() {
  const client = () => new BetterSqlite3(join(folder, 'data', 'helloagain.sqlite'))
  return {
    env: {},
    async query(sql: string): Promise<number> {
      const db = client()
      try {
        const statement = db.prepare(sql)
        return statement.reader ? Number(statement.pluck().get()) : statement.run().changes
      } finally {
        db.close()
      }
    },
  }
}

async function onPostgres() {
  const url = await createDatabase()
  return {
    env: { DATABASE_URL: url },
    async query(sql: string): Promise<number> {
      const client = new Client({ connectionString: url })
      await client.connect()
      const { rows } = await client.query(sql)
      await client.end()
      return Number(rows[0]?.n)
    },
  }
}

it.each([
  ['SQLite', onSqlite],
  ['PostgreSQL', onPostgres],
])('%s: rebuilds beside a server under load, and says what it did', async (_engine, prepare) => {
  const { env, query } = await prepare()
  served = await startServe({ folder, env: { LOG_LEVEL: 'silent', ...env } })
  const load = createEventLoad(4)
  let isOver = false
  const running = load.run({ ...served, isOver: () => isOver })
  await expect.poll(() => load.acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(60)
  await query('DELETE FROM event_rollups')
  const { code, out, err } = await run('rollups rebuild', env)
  isOver = true
  await running
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(
    /^Counting events …\nCounted \d+ events that happened (from .* and )?before .* UTC\.\nCorrected \d+ rollups/,
  )
  expect(await query(COUNTED)).toBe(await query(STORED))
  expect((await run('rollups rebuild --from 2026-01-01', env)).out).toContain('Every rollup was right.')
})

it('says what it left alone, and why', async () => {
  const { query } = await onSqlite()
  await run('migrate')
  await query(`UPDATE event_horizon SET complete_from_ms = ${Date.UTC(2026, 4, 3, 10, 7)}`)
  const { out } = await run('rollups rebuild --from 2026-05-01 --to 2026-05-02')
  expect(out).toContain('Left alone: before 2026-05-03 00:00 UTC. Retention has deleted events there')
  expect(out).not.toContain('Counted')
  const partly = await run('rollups rebuild --from 2026-05-03 --to 2026-05-03')
  expect(partly.out).toContain(
    'Counted 0 events that happened from 2026-05-03 10:15 and before 2026-05-04 00:00',
  )
  expect(partly.out).toContain('Left alone: before 2026-05-03 10:15 UTC')
})

it.each([
  ['--from 2026-02-30', 'A day is written as'],
  ['--to yesterday', 'A day is written as'],
  ['--from 2026-02-02 --to 2026-02-01', '--from is later than --to'],
])('refuses %s with one clear line', async (options, line) => {
  const { code, err } = await run(`rollups rebuild ${options}`)
  expect(code).toBe(2)
  expect(err).toContain(line)
})
