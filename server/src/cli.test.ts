import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { runCli } from './cli.ts'
import { type Ended, runCommand } from './testing/command-line.ts'

// Dozens of processes: slow on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helloagain-'))
})
afterEach(() => rm(folder, { recursive: true }))

const words = (line: string) => line.split(' ').filter(Boolean)

/** As people do: a process of its own. */
const run = (line: string, env: Record<string, string> = {}): Promise<Ended> =>
  runCommand(words(line), { folder, env })

/** The same without the process, for long tables: starting Node is most of a command's time. */
async function runHere(line: string, env: Record<string, string> = {}): Promise<Ended> {
  const text = { out: '', err: '' }
  const code = await runCli(words(line), {
    env: { DATA_DIR: join(folder, 'data'), ...env },
    print: (printed) => {
      text.out += `${printed}\n`
    },
    complain: (complaint) => {
      text.err += `${complaint}\n`
    },
    onStop: () => undefined,
    exitNow: () => undefined,
  })
  return { code, ...text }
}

async function createDatabase(name: string): Promise<string> {
  const url = new URL(inject('postgresUrl'))
  const client = new Client({ connectionString: url.href })
  await client.connect()
  await client.query(`DROP DATABASE IF EXISTS ${name}`)
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  url.pathname = name
  return url.href
}

const SECRET = 'Jx3tq0Vb9mWc7RzK1nPf5sLdYh8uGe2a'

describe('misuse', () => {
  it('tells each fault of the configuration in one line and ends with 2', async () => {
    const { code, out, err } = await run('sites list', { PORT: 'x', TRUST_PROXY: 'true', HOST: '0.0.0.0' })
    expect(code).toBe(2)
    expect(out).toBe('')
    const lines = err.trim().split('\n')
    expect(lines.map((line) => line.split(':')[0])).toEqual(['PORT', 'TRUST_PROXY', 'PUBLIC_URL'])
  })

  it('judges options as it judges variables, and lets the option win', async () => {
    const wrong = await runHere('serve --port http', { PORT: '4400' })
    expect([wrong.code, wrong.err]).toEqual([2, 'PORT: is no whole number from 0 to 65535\n'])
    const other = await run('sites list --data ./elsewhere', { DATA_DIR: './data' })
    expect(other.code).toBe(0)
    expect((await stat(join(folder, 'elsewhere', 'helloagain.sqlite'))).isFile()).toBe(true)
  })

  it.each(['', 'nonsense', 'serve --nonsense', 'sites create', 'sites create shop --unset maybe'])(
    'explains itself and ends with 2: helloagain %s',
    async (line) => {
      const { code, out, err } = await runHere(line)
      expect(code).toBe(2)
      expect(err).not.toBe('')
      expect(err).not.toMatch(/^ +at /m)
      expect(out).toBe('')
    },
  )

  it('prints help and version on standard output and ends with 0', async () => {
    const help = await run('--help')
    expect(help.code).toBe(0)
    for (const name of ['serve', 'migrate', 'sites', 'keys', 'doctor']) expect(help.out).toContain(name)
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
    expect(await run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it('says in one line that a database cannot be reached, without its password, and ends with 1', async () => {
    const { code, err } = await run('sites list', {
      DATABASE_URL: 'postgres://admin:correcthorse@127.0.0.1:1/shop',
    })
    expect(code).toBe(1)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toContain('is PostgreSQL running')
    expect(err).not.toContain('correcthorse')
  })

  it('says in one line that a file is no database', async () => {
    await writeFile(join(folder, 'shop.sqlite'), 'This is a text, and a long one at that. '.repeat(40))
    const { code, err } = await runHere('migrate', { DATABASE_URL: `file:${join(folder, 'shop.sqlite')}` })
    expect([code, err.trim().split('\n').length]).toEqual([1, 1])
    expect(err).toContain('no SQLite database')
  })
})

describe('migrate', () => {
  it('lists what it would do, does it, and then has nothing to do', async () => {
    const dry = await run('migrate --dry-run')
    expect(dry.out).toContain('would apply 0000_start')
    await expect(stat(join(folder, 'data'))).rejects.toThrow('ENOENT')

    const done = await run('migrate')
    expect(done).toMatchObject({ code: 0, err: '' })
    expect(done.out).toContain('applied 0000_start')
    expect((await run('migrate')).out).toBe('The schema is up to date (SQLite, data/helloagain.sqlite).\n')
    expect((await run('migrate --dry-run')).out).toContain('up to date')
  })

  it('does the same on PostgreSQL', async () => {
    const env = { DATABASE_URL: await createDatabase('cli_migrate') }
    expect((await runHere('migrate --dry-run', env)).out).toContain('would apply 0000_start')
    expect((await runHere('migrate', env)).out).toContain('applied 0000_start')
    expect((await runHere('migrate', env)).out).toBe('The schema is up to date (PostgreSQL).\n')
  })
})

describe('sites and keys', () => {
  it.each(['sqlite', 'postgres'])(
    'makes one site when processes start at once on a new database (%s)',
    async (engine) => {
      const env: Record<string, string> =
        engine === 'postgres' ? { DATABASE_URL: await createDatabase('cli_race') } : {}
      const ended = await Promise.all(Array.from({ length: 4 }, () => run('sites list', env)))
      expect(ended.map(({ code, err }) => [code, err])).toEqual(ended.map(() => [0, '']))
      for (const { out } of ended) expect(out.match(/^default/gm)).toHaveLength(1)
      expect((await run('keys list default', env)).out.match(/pk_/g)).toHaveLength(1)
    },
  )

  it('makes a site, registers its origins as browsers spell them, and shows them', async () => {
    const made = await runHere('sites create shop')
    expect(made.code).toBe(0)
    const key = /pk_\S+/.exec(made.out)?.[0]
    expect(
      (await runHere('sites origins shop --add https://Shop.Example/ --add http://localhost:4401')).out,
    ).toBe('http://localhost:4401\nhttps://shop.example\n')
    expect((await runHere('sites origins shop --remove https://shop.example')).out).toBe(
      'http://localhost:4401\n',
    )
    const list = (await runHere('sites list')).out
    expect(list).toMatch(/^default +recognition +-$/m)
    expect(list).toMatch(/^shop +cookieless +http:\/\/localhost:4401$/m)
    expect((await runHere('keys list shop')).out).toContain(key)
  })

  it('W7 shows a secret key once, and ends it on request', async () => {
    const made = await run('keys create default --secret --scopes events:write,journey:read')
    const key = /sk_\S+/.exec(made.out)?.[0] ?? ''
    const id = /id: (\S+)/.exec(made.out)?.[1] ?? ''
    const list = (await run('keys list default')).out
    expect(list).toContain(id)
    expect(list).toContain('events:write,journey:read')
    expect(list).not.toContain(key)
    const bytes = await readFile(join(folder, 'data', 'helloagain.sqlite'))
    expect(bytes.includes(key)).toBe(false)
    expect((await run(`keys revoke default ${id}`)).code).toBe(0)
    expect((await run('keys list default')).out).toMatch(/revoked \d{4}-\d\d-\d\d/)
  })

  it.each([
    ['sites origins shop --add https://shop.example', 'There is no site "shop"'],
    ['sites origins default --add https://*.shop.example', 'wildcard'],
    ['sites origins default --add shop.example', 'no origin'],
    ['sites create default', 'already'],
    ['keys create default --secret', 'needs scopes'],
    ['keys create default --secret --scopes everything', 'Unknown scope: everything'],
    ['keys revoke default 01a1fd77-31c6-7656-9264-16445b5f1236', 'no key'],
  ])('says in one line why not, and ends with 1: %s', async (line, message) => {
    const { code, out, err } = await runHere(line)
    expect([code, out]).toEqual([1, ''])
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toContain(message)
  })
})

describe('doctor', () => {
  it('changes nothing on a machine where nothing is yet', async () => {
    const { out } = await run('doctor')
    expect(out).toContain('the first start makes it')
    await expect(stat(join(folder, 'data'))).rejects.toThrow('ENOENT')
  })

  it('finds every fault of the configuration, says what to do and ends with 1', async () => {
    const { code, out } = await runHere('doctor', { PORT: 'x', SESSION_SECRET: 'hunter2' })
    expect(code).toBe(1)
    expect(out).toMatch(/FAULT +PORT: /)
    expect(out).toMatch(/FAULT +SESSION_SECRET: /)
    expect(out).not.toContain('hunter2')
  })

  it('finds a secret that others can read', async () => {
    const data = join(folder, 'data')
    await mkdir(data)
    await writeFile(join(data, 'session-secret'), SECRET)
    await chmod(join(data, 'session-secret'), 0o644)
    const { code, out } = await runHere('doctor')
    expect(code).toBe(1)
    expect(out).toMatch(/FAULT +\S+session-secret can be read by others/)
    expect(out).toContain('chmod 600')
    expect(out).not.toContain(SECRET)
  })

  it('finds a schema that is behind, and a site that no page can call', async () => {
    const data = join(folder, 'data')
    await mkdir(data)
    await writeFile(join(data, 'helloagain.sqlite'), '')
    expect((await runHere('doctor')).out).toMatch(
      /FAULT +Database .* lacks 0000_start, .*\n +-> Run: helloagain migrate/,
    )
    await runHere('sites list')
    expect((await runHere('doctor')).out).toMatch(/FAULT +Site "default" has no origins/)
    await runHere('sites origins default --add https://shop.example')
    expect((await runHere('doctor')).out).toMatch(/ok +Every site has origins/)
  })

  it('finds a database that does not answer', async () => {
    const { code, out } = await runHere('doctor', {
      DATABASE_URL: 'postgres://admin:correcthorse@127.0.0.1:1/x',
    })
    expect(code).toBe(1)
    expect(out).toMatch(/FAULT +Database \(PostgreSQL\) cannot be used/)
    expect(out).not.toContain('correcthorse')
  })

  it('W5 never prints the secret, nor a password, nor a key', async () => {
    const url = await createDatabase('cli_doctor')
    const made = await run('keys create default --secret --scopes events:write', { DATABASE_URL: url })
    const key = /sk_\S+/.exec(made.out)?.[0] ?? ''
    const { out, err } = await run('doctor', { SESSION_SECRET: SECRET, DATABASE_URL: url })
    const { password } = new URL(url)
    expect(out).toContain('PostgreSQL')
    for (const secret of [SECRET, password, key]) expect(out + err).not.toContain(secret)
  })
})
