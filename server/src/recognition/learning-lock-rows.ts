import type { Engine } from '../platform/storage/storage.ts'

/** Any number that nothing else in the database locks; beside those of migrations and of the events' housekeeping. */
const LEARNING_LOCK = 7_240_019

/** Runs work unless another server is at it; answers whether it ran. SQLite has one server. */
export type Alone = (work: () => Promise<void>) => Promise<boolean>

export function createAlone(engine: Engine): Alone {
  if (engine.kind === 'sqlite') return async (work) => work().then(() => true)
  const { pool } = engine
  return async (work) => {
    const holder = await pool.connect()
    let broken: Error | undefined
    try {
      const { rows } = await holder.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [
        LEARNING_LOCK,
      ])
      if (rows[0]?.got !== true) return false
      await work()
      return true
    } finally {
      // What cannot be unlocked goes with its connection.
      await holder.query('SELECT pg_advisory_unlock_all()').catch((fault: Error) => {
        broken = fault
      })
      holder.release(broken)
    }
  }
}
