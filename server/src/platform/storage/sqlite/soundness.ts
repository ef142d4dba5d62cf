import { statSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { isOutage } from '../outage.ts'

/** Whether a file still takes what is written to it. */
export interface Soundness {
  /** Runs a write, where there is still the file to write to, and remembers what it met. */
  guard<T>(work: () => Promise<T> | T): Promise<T>
  /** Throws when nothing could be written. */
  probe(): void
}

/** Takes the lock of a statement that changes a row, and writes no page. */
const CHECK_WRITABLE = 'DELETE FROM __drizzle_migrations WHERE 0'
/** How long a write that failed speaks for the next. */
const FAULT_LIFE_MS = 2000

/**
 * Throws once a file is not where it was. Linux goes on writing to one that was deleted or moved, and all of it is gone
 * with the process.
 */
function createPlaceCheck(path: string): () => void {
  if (path === ':memory:') return () => undefined
  const { dev, ino } = statSync(path)
  return () => {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.ino === ino && found.dev === dev) return
    // SQLite's own name for it: https://www.sqlite.org/rescode.html#readonly_dbmoved
    throw new BetterSqlite3.SqliteError('the database file was moved or replaced', 'SQLITE_READONLY_DBMOVED')
  }
}

// A full or broken disk shows in writing only.
const isOfDisk = (error: unknown) =>
  isOutage(error) && !/^SQLITE_BUSY/.test(String((error as { code?: unknown }).code))

export function createSoundness(client: BetterSqlite3.Database, path: string): Soundness {
  const checkPlace = createPlaceCheck(path)
  let fault: { readonly error: unknown; readonly atMs: number } | undefined

  return {
    async guard(work) {
      checkPlace()
      try {
        const result = await work()
        fault = undefined
        return result
      } catch (error) {
        if (isOfDisk(error)) fault = { error, atMs: performance.now() }
        throw error
      }
    },
    probe() {
      checkPlace()
      client.exec(CHECK_WRITABLE)
      if (!fault) return
      if (performance.now() - fault.atMs < FAULT_LIFE_MS) throw fault.error
      // Written to the disk and for good: what was there already.
      client.pragma(`user_version = ${client.pragma('user_version', { simple: true })}`)
      fault = undefined
    },
  }
}
