import { existsSync } from 'node:fs'
import { rm, stat, writeFile } from 'node:fs/promises'
import BetterSqlite3 from 'better-sqlite3'
import { readMigrations } from '../migrations.ts'
import { migrationsFolder } from '../migrations-folder.ts'
import { lastAppliedMs } from '../sqlite/migrate.ts'
import { levelAt } from './levels.ts'
import type { DatabasePart } from './manifest.ts'
import type { Progress } from './progress.ts'
import type { ArchiveWriter } from './write-archive.ts'

export const DATABASE_ENTRY = 'database.sqlite'

/** 1 MiB: the disk is a server's again after a few milliseconds. */
const PAGES_A_STEP = 256

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`
const clock = new Int32Array(new SharedArrayBuffer(4))

/**
 * Copies the database of a running server page by page, with a rest as long as the step after each one.
 *
 * Not VACUUM INTO: it holds its snapshot just as long, but cannot rest, nor say how far it is. The open read transaction
 * keeps the copy to one moment: without it each write of the server would make the copy begin anew
 * (https://www.sqlite.org/c3ref/backup_finish.html). In WAL mode it holds up no writer; the journal grows meanwhile.
 */
async function copyPages(source: BetterSqlite3.Database, to: string, { progress, signal }: CopyOptions) {
  let beganAt = performance.now()
  let total = 0
  source.exec('BEGIN')
  source.prepare('SELECT count(*) FROM sqlite_master').get()
  await source.backup(to, {
    progress({ totalPages, remainingPages }) {
      signal.throwIfAborted()
      if (total === 0) progress.begin('Copying the database', totalPages)
      total = totalPages
      progress.advanceTo(totalPages - remainingPages)
      // Waits on nothing, for as long; a process that does nothing else may.
      Atomics.wait(clock, 0, 0, performance.now() - beganAt)
      beganAt = performance.now()
      return PAGES_A_STEP
    },
  })
  source.exec('COMMIT')
  progress.end()
}

interface CopyOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Row counts of every table of a file; @throws Error when it is damaged */
export function inspect(file: BetterSqlite3.Database): DatabasePart['tables'] {
  const fault = file.pragma('integrity_check(1)', { simple: true })
  if (fault !== 'ok') throw new Error(`The database file is damaged: ${fault}`)
  const names = file
    .prepare<[], string>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .pluck()
    .all()
  return names.map((name) => ({
    name,
    rows: Number(
      file
        .prepare(`SELECT count(*) FROM ${quote(name)}`)
        .pluck()
        .get(),
    ),
  }))
}

/**
 * Adds a consistent copy of a database file that may be in use.
 *
 * @throws Error when there is nothing to back up, or when the file is damaged: better known today than when it is needed
 */
export async function backupSqlite(
  path: string,
  archive: ArchiveWriter,
  options: CopyOptions,
): Promise<DatabasePart> {
  if (!existsSync(path)) throw new Error(`There is no database at ${path}: nothing to back up.`)
  const copyPath = `${archive.draft}.sqlite`
  // SQLite itself would make it readable by everybody.
  await writeFile(copyPath, '', { flag: 'wx', mode: 0o600 })
  try {
    const source = new BetterSqlite3(path, { readonly: true, timeout: 5000 })
    try {
      await copyPages(source, copyPath, options)
    } finally {
      source.close()
    }
    const copy = new BetterSqlite3(copyPath)
    let part: DatabasePart
    try {
      // One file for one entry: without it a journal would lie beside.
      copy.pragma('journal_mode = DELETE')
      const level = levelAt(readMigrations(migrationsFolder('sqlite')), lastAppliedMs(copy))
      part = { engine: 'sqlite', level, tables: inspect(copy), partitions: [] }
    } finally {
      copy.close()
    }
    await addCopy(archive, copyPath, options)
    return part
  } finally {
    for (const ending of ['', '-journal', '-wal', '-shm']) await rm(`${copyPath}${ending}`, { force: true })
  }
}

async function addCopy(archive: ArchiveWriter, path: string, { progress, signal }: CopyOptions) {
  const { size } = await stat(path)
  progress.begin('Packing it', size)
  await archive.addFile(DATABASE_ENTRY, path, (bytes) => {
    signal.throwIfAborted()
    progress.advanceTo(bytes)
  })
  progress.end()
}
