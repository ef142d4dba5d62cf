import { setTimeout as sleep } from 'node:timers/promises'
import { createTurns } from './turns.ts'

/** How long work waits while another process holds the database. */
const PATIENCE_MS = 5000
/** Between two tries; each of them holds up the loop for `busy_timeout` at most. */
const PAUSE_MS = 20

/**
 * Who may use the one connection when. Work throws `SQLITE_BUSY` where another process (a backup, a command) holds the
 * database; then it has done nothing, and is tried again without holding up the loop or those who only read.
 */
export interface Access {
  /** For reads: whenever no transaction is open, also while a write waits for another process. */
  read<T>(work: () => T): Promise<T>
  /** For a statement or a whole transaction: one after the other, in the order of asking. */
  write<T>(work: () => Promise<T> | T): Promise<T>
  /** For a question that cannot wait its turn among the writes, nor long. */
  probe<T>(work: () => T, patienceMs: number): Promise<T>
}

const isBusy = (error: unknown) => /^SQLITE_BUSY/.test(String((error as { code?: unknown } | null)?.code))

export function createAccess(): Access {
  const connection = createTurns()
  const writers = createTurns()
  /** What the last try of a write met, if another process held the database. */
  let held: unknown

  async function attempt<T>(work: () => Promise<T> | T, untilMs: number): Promise<T> {
    for (;;) {
      try {
        return await connection.take(work)
      } catch (error) {
        if (!isBusy(error) || performance.now() >= untilMs) throw error
      }
      await sleep(PAUSE_MS)
    }
  }

  async function attemptWrite<T>(work: () => Promise<T> | T, untilMs: number): Promise<T> {
    // Whose time ran out in the queue goes at once: a last try of each of thousands would hold up the loop.
    if (held !== undefined && performance.now() >= untilMs) throw held
    held = undefined
    try {
      return await attempt(work, untilMs)
    } catch (error) {
      if (isBusy(error)) held = error
      throw error
    }
  }

  return {
    read: (work) => attempt(work, performance.now() + PATIENCE_MS),
    write(work) {
      const untilMs = performance.now() + PATIENCE_MS
      return writers.take(() => attemptWrite(work, untilMs))
    },
    probe: (work, patienceMs) => attempt(work, performance.now() + patienceMs),
  }
}
