import { randomBytes } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import BetterSqlite3 from 'better-sqlite3'
import { readMigrations } from '../migrations.ts'
import { migrationsFolder } from '../migrations-folder.ts'
import { migrateSqlite } from '../sqlite/migrate.ts'
import { DATABASE_ENTRY, inspect } from './backup-sqlite.ts'
import { splitAt } from './levels.ts'
import type { Manifest } from './manifest.ts'
import { readArchive } from './read-archive.ts'
import { checkReplacing, type RestoreOptions } from './restore-options.ts'

const JOURNALS = ['-journal', '-wal', '-shm']
const isDamage = (error: unknown) =>
  /^SQLITE_(?:NOTADB|CORRUPT)/.test(String((error as { code?: unknown }).code))

/**
 * Runs work while nobody else has a database file open. Leaving WAL takes exactly that, and folds the journal into the
 * file (https://www.sqlite.org/wal.html#persistence_of_wal_mode). A damaged file cannot be held: nobody can use it.
 *
 * @param work is told whether the file is damaged
 * @throws Error when another program has it open
 */
async function alone(path: string, work: (isDamaged: boolean) => Promise<void> | void): Promise<void> {
  if (!existsSync(path)) return work(false)
  const client = new BetterSqlite3(path, { timeout: 500 })
  try {
    client.pragma('journal_mode = DELETE')
    client.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    client.close()
    if (isDamage(error)) return work(true)
    if (!/^SQLITE_BUSY/.test(String((error as { code?: unknown }).code))) throw error
    throw new Error(`A server or another program uses ${path}: stop it first. Nothing was changed.`, {
      cause: error,
    })
  }
  try {
    await work(false)
  } finally {
    client.close()
  }
}

/** Checks a copy against what was backed up, and brings it up to date. @throws Error when it is another */
function prepare(path: string, { tables }: Manifest): void {
  const client = new BetterSqlite3(path)
  try {
    const found = new Map(inspect(client).map(({ name, rows }) => [name, rows]))
    for (const { name, rows } of tables) {
      if (found.get(name) !== rows) {
        throw new Error(
          `${name} has ${found.get(name) ?? 'no'} rows instead of ${rows}: nothing was changed.`,
        )
      }
    }
    client.pragma('synchronous = FULL')
    client.pragma('secure_delete = ON')
    migrateSqlite(client, migrationsFolder('sqlite'))
  } finally {
    client.close()
  }
}

/**
 * A damaged file is kept: more may be got out of it. So are journals without a file: they would be played into the new
 * one. A sound file has none by now.
 */
async function setAside(path: string, isDamaged: boolean): Promise<void> {
  const mark = randomBytes(4).toString('hex')
  for (const ending of isDamaged ? [...JOURNALS, ''] : JOURNALS) {
    if (existsSync(path + ending)) await rename(path + ending, `${path}.${mark}.damaged${ending}`)
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  // Windows syncs no folders.
  await folder.sync().catch(() => undefined)
  await folder.close()
}

export const holdsSqlite = (path: string): boolean => existsSync(path)

/** Resolves when no other program has the file open. @throws Error when one has */
export const checkUnused = (path: string): Promise<void> => alone(path, () => undefined)

/**
 * Puts a verified backup in the place of a database file. The old one stays until the new one is whole, checked, up to
 * date and on the disk; then one rename changes them.
 *
 * @throws Error when there is data that may not be replaced, when a program uses it, or when what arrived is not what was
 *   backed up
 */
export async function restoreSqlite(path: string, options: RestoreOptions): Promise<void> {
  const { manifest, isReplacing, progress, signal } = options
  splitAt(readMigrations(migrationsFolder('sqlite')), manifest.level)
  checkReplacing(holdsSqlite(path), isReplacing)
  await checkUnused(path)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(4).toString('hex')}.partial`
  try {
    await readArchive(options.path, manifest, {
      onBytes: progress.advanceTo,
      async visit(name, bytes) {
        if (name !== DATABASE_ENTRY) return
        await pipeline(bytes, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }), { signal })
      },
    })
    prepare(draft, manifest)
    signal.throwIfAborted()
    await alone(path, async (isDamaged) => {
      await setAside(path, isDamaged)
      await rename(draft, path)
      await syncFolder(dirname(path))
    })
  } finally {
    for (const ending of ['', ...JOURNALS]) await rm(draft + ending, { force: true })
  }
  progress.end()
}
