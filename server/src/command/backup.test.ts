import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, watch, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import BetterSqlite3 from 'better-sqlite3'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDatabase } from '../platform/storage/on-every-engine.ts'
import { type CommandRun, type Ended, runCommand, type Served, startServe } from '../testing/command-line.ts'
import { createEventLoad } from '../testing/event-load.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

// Processes: slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const SECRET = 'Jx3tq0Vb9mWc7RzK1nPf5sLdYh8uGe2a'
const SIGN_UP = { email: 'ada@example.com', password: 'korrekt pferd batterie' }

let folder: string
let served: Served | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
})
afterEach(async () => {
  await served?.stop('SIGKILL')
  served = undefined
  await rm(folder, { recursive: true })
})

/** One installation: its data folder and its database. */
interface Site {
  readonly run: CommandRun
  readonly data: string
  query(sql: string): Promise<Record<string, unknown>[]>
}

async function createSite(engine: string, name: string): Promise<Site> {
  const data = join(folder, name)
  const env = { DATA_DIR: data, LOG_LEVEL: 'error' }
  if (engine === 'sqlite') {
    return {
      run: { folder, env },
      data,
      async query(sql) {
        const file = new BetterSqlite3(join(data, 'helloagain.sqlite'))
        try {
          return file.prepare<[], Record<string, unknown>>(sql).all()
        } finally {
          file.close()
        }
      },
    }
  }
  const url = await createDatabase()
  return {
    run: { folder, env: { ...env, DATABASE_URL: url } },
    data,
    async query(sql) {
      const client = new Client({ connectionString: url })
      await client.connect()
      try {
        return (await client.query(sql)).rows
      } finally {
        await client.end()
      }
    },
  }
}

const command = (site: Site, line: string): Promise<Ended> => runCommand(line.split(' '), site.run)
const idsOf = async (site: Site) =>
  (await site.query('SELECT event_id AS id FROM event_logs')).map(({ id }) => String(id))

/** About 40 MB: enough to be met in the middle. */
const FILLER = {
  sqlite: `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO event_logs
    SELECT 's', 'e' || i, 'a', 'v', NULL, 'PAGE_VIEW', '{"x":"' || hex(randomblob(1000)) || '"}', NULL, 1, NULL, NULL, 1, true, 0 FROM n
    RETURNING 1`,
  postgres: `INSERT INTO event_logs SELECT 's', 'e' || i, 'a', 'v', NULL, 'PAGE_VIEW',
    jsonb_build_object('x', repeat(md5(i::text), 60)), NULL, 1, NULL, NULL, 1, true, 0 FROM generate_series(1, 20000) AS i`,
}

async function fillSite(engine: 'postgres' | 'sqlite', name: string): Promise<Site> {
  const site = await createSite(engine, name)
  expect((await command(site, 'migrate')).code).toBe(0)
  await mkdir(site.data, { recursive: true })
  await writeFile(join(site.data, 'session-secret'), SECRET, { mode: 0o600 })
  await site.query(FILLER[engine])
  return site
}

/** Kills a command as soon as `isUnderWay` says so, which must come before its end. */
async function killWhen(site: Site, line: string, underWay: (child: ChildProcess) => Promise<unknown>) {
  const child = spawn(process.execPath, [MAIN, ...line.split(' ')], {
    cwd: folder,
    env: site.run.env,
    stdio: 'ignore',
  })
  const ended = once(child, 'close')
  await Promise.race([underWay(child), ended])
  child.kill('SIGKILL')
  expect((await ended)[1]).toBe('SIGKILL')
}

async function draftIn(path: string): Promise<void> {
  for await (const { filename } of watch(path)) if (filename?.includes('.partial')) return
}

const flip = async (path: string, at: number, to: string) => {
  const bytes = await readFile(path)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x55, at)
  await writeFile(to, bytes)
}

describe.each(['sqlite', 'postgres'] as const)('backup and restore on %s', (engine) => {
  it('keeps every event acknowledged before, once, while events go on; log-ins live on elsewhere', async () => {
    const home = await createSite(engine, 'home')
    served = await startServe(home.run)
    const { url, publishableKey } = served
    const browser = createTestBrowser(served)
    const headers = { 'X-Site-Key': publishableKey }
    const opened = await browser.call('POST', '/api/sessions', { headers, body: {} })
    const signedUp = await browser.call('POST', '/api/users/signup', { headers, body: SIGN_UP })
    expect([opened.status, signedUp.status]).toEqual([200, 200])

    const load = createEventLoad(8)
    let isOver = false
    const running = load.run({ url, publishableKey, isOver: () => isOver }, { isPatient: true })
    await expect.poll(() => load.acknowledged.size, { timeout: 60_000 }).toBeGreaterThan(300)
    const before = [...load.acknowledged]
    const made = await command(home, 'backup --to kept.tar.gz')
    const during = load.acknowledged.size - before.length
    isOver = true
    await running
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(during).toBeGreaterThan(0)
    expect((await stat(join(folder, 'kept.tar.gz'))).mode & 0o777).toBe(0o600)
    await served.stop()

    const away = await createSite(engine, 'away')
    expect(await command(away, 'restore kept.tar.gz')).toMatchObject({ code: 0, err: '' })
    const ids = await idsOf(away)
    const kept = new Set(ids)
    expect(kept.size).toBe(ids.length)
    expect(before.filter((id) => !kept.has(id))).toEqual([])
    const [counted] = await away.query('SELECT sum(events) AS n FROM event_rollups')
    expect(Number(counted?.['n'])).toBe(ids.length)

    served = await startServe(away.run)
    const moved = createTestBrowser(served)
    for (const [name, value] of browser.cookies) moved.cookies.set(name, value)
    const { sessionId } = opened.body.session
    const back = await moved.call('POST', '/api/sessions', { headers, body: {} })
    expect(back.body.session.sessionId).toBe(signedUp.body.session.sessionId ?? sessionId)
    const refresh = { refresh_token: signedUp.body.refresh_token }
    expect((await moved.call('POST', '/api/auth/refresh', { headers, body: refresh })).status).toBe(200)
    expect((await moved.call('POST', '/api/auth/login', { headers, body: SIGN_UP })).status).toBe(200)
    expect((await fetch(`${served.url}/readyz`)).status).toBe(200)
  })

  it('leaves no file under the name of a backup that was killed, nor of one that is there already', async () => {
    const home = await fillSite(engine, 'home')
    await killWhen(home, 'backup --to kept.tar.gz', () => draftIn(folder))
    expect(await readdir(folder)).not.toContain('kept.tar.gz')
    await writeFile(join(folder, 'kept.tar.gz'), 'mine')
    const { code, err } = await command(home, 'backup --to kept.tar.gz')
    expect([code, err]).toEqual([1, expect.stringContaining('overwrites nothing')])
    expect(await readFile(join(folder, 'kept.tar.gz'), 'utf8')).toBe('mine')
  })

  it('keeps what there was when a restore is killed, and does it all the next time', async () => {
    const home = await fillSite(engine, 'home')
    expect((await command(home, 'backup --to kept.tar.gz')).code).toBe(0)
    await home.query("DELETE FROM event_logs WHERE event_id <> 'e1' RETURNING 1")
    const copying = "SELECT FROM pg_stat_progress_copy WHERE command = 'COPY FROM'"
    await killWhen(home, 'restore --replace kept.tar.gz', async (child) => {
      if (engine === 'sqlite') return draftIn(home.data)
      while (child.exitCode === null && (await home.query(copying)).length === 0);
    })
    expect(await idsOf(home)).toEqual(['e1'])
    expect(await command(home, 'restore --replace kept.tar.gz')).toMatchObject({ code: 0, err: '' })
    expect(await idsOf(home)).toHaveLength(20_000)
  })

  it('restores nothing over a database unless told to, nor into the other engine', async () => {
    const home = await fillSite(engine, 'home')
    expect((await command(home, 'backup --to kept.tar.gz')).code).toBe(0)
    const again = await command(home, 'restore kept.tar.gz')
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('add --replace')])
    const other = await createSite(engine === 'sqlite' ? 'postgres' : 'sqlite', 'other')
    const crossed = await command(other, 'restore kept.tar.gz')
    expect([crossed.code, crossed.err]).toEqual([1, expect.stringContaining('the engine it came from')])
    const away = await createSite(engine, 'away')
    const dry = await command(away, 'restore --dry-run kept.tar.gz')
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('Nothing was changed')])
    expect(await stat(away.data).catch(() => 'absent')).toBe('absent')
  })

  it('says that SESSION_SECRET is not in the backup, when it is made and when it is restored', async () => {
    const home = await createSite(engine, 'home')
    const own = { ...home, run: { folder, env: { ...home.run.env, SESSION_SECRET: SECRET } } }
    expect((await command(own, 'migrate')).code).toBe(0)
    const made = await command(own, 'backup --to kept.tar.gz')
    expect([made.code, made.out]).toEqual([0, expect.stringContaining('Not in it: SESSION_SECRET')])
    expect((await readFile(join(folder, 'kept.tar.gz'))).includes(SECRET)).toBe(false)
    const away = await createSite(engine, 'away')
    const restored = await command(away, 'restore kept.tar.gz')
    expect([restored.code, restored.out]).toEqual([
      0,
      expect.stringContaining('start the server with the SESSION_SECRET'),
    ])
  })
})

it('does not replace a SQLite file that a server uses', async () => {
  const home = await createSite('sqlite', 'home')
  served = await startServe(home.run)
  expect((await command(home, 'backup --to kept.tar.gz')).code).toBe(0)
  const { code, err } = await command(home, 'restore --replace kept.tar.gz')
  expect([code, err]).toEqual([1, expect.stringContaining('stop it first')])
  expect((await fetch(`${served.url}/readyz`)).status).toBe(200)
})

it('warns of other connections to the PostgreSQL database', async () => {
  const home = await fillSite('postgres', 'home')
  expect((await command(home, 'backup --to kept.tar.gz')).code).toBe(0)
  const other = new Client({ connectionString: home.run.env?.['DATABASE_URL'] })
  await other.connect()
  const { code, out } = await command(home, 'restore --replace --dry-run kept.tar.gz')
  await other.end()
  expect([code, out]).toEqual([0, expect.stringContaining('no server may run on it now')])
})

it('refuses a file that is cut off or has one other byte, in one line, and touches nothing', async () => {
  const home = await fillSite('sqlite', 'home')
  expect((await command(home, 'backup --to kept.tar.gz')).code).toBe(0)
  const kept = join(folder, 'kept.tar.gz')
  const { size } = await stat(kept)
  const wrong = join(folder, 'wrong.tar.gz')
  const spoilt = [
    () => flip(kept, size >> 1, wrong),
    () => flip(kept, size - 5, wrong),
    async () => writeFile(wrong, (await readFile(kept)).subarray(0, size >> 1)),
    async () => writeFile(wrong, (await readFile(kept)).subarray(0, size - 1)),
    () => writeFile(wrong, 'no backup at all'),
  ]
  const away = await createSite('sqlite', 'away')
  for (const spoil of spoilt) {
    await spoil()
    const { code, err } = await command(away, 'restore wrong.tar.gz')
    expect([code, err]).toEqual([1, expect.stringContaining('is no backup that can be restored')])
    expect(err.trim().split('\n')).toHaveLength(1)
  }
  expect(await stat(away.data).catch(() => 'absent')).toBe('absent')
})
