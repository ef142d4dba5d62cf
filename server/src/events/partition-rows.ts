import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'

/** One partition of `event_logs` on PostgreSQL. */
export interface Partition {
  readonly name: string
  /** Bounds of `partition_ms`, the upper one excluded; undefined for the default partition. */
  readonly range: { readonly fromMs: number; readonly toMs: number } | undefined
}

/** A month of the calendar, UTC. */
export interface Month {
  /** As its partition is called. */
  readonly name: string
  readonly fromMs: number
  readonly toMs: number
}

/** Where events lie whose month has no partition. */
export const DEFAULT_PARTITION = 'event_logs_default'

/**
 * Held by whoever deletes, or reads it all: of several servers one at a time. Any number that nothing else in the
 * database locks; beside that of the migrations.
 */
export const HOUSEKEEPING_LOCK = 7_240_018
/** All of the log waits while such a lock is waited for. */
const LOCK_LIMIT_MS = 200
/** And while it is held. */
const STATEMENT_LIMIT_MS = 2000
const PAUSE_MS = 500
/** Lock not had, deadlock lost. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const IN_THE_WAY = new Set(['55P03', '40P01'])
const CUT_OFF = '57014'

const codeOf = (error: unknown) => String((error as { code?: unknown }).code)

/** Whether a change of partitions failed only for lack of time: somebody else was at work, or there was too much to do. */
export const isOutOfTime = (error: unknown): boolean =>
  IN_THE_WAY.has(codeOf(error)) || codeOf(error) === CUT_OFF

const LIST = `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'event_logs'::regclass ORDER BY c.relname`
const BOUND = /FROM \('(-?\d+)'\) TO \('(-?\d+)'\)/

/** @param offset in months */
export function monthOf(atMs: number, offset = 0): Month {
  const at = new Date(atMs)
  const start = (months: number) => Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months)
  const fromMs = start(offset)
  const name = `event_logs_${new Date(fromMs).toISOString().slice(0, 7).replace('-', '_')}`
  return { name, fromMs, toMs: start(offset + 1) }
}

export async function listPartitions(pool: Pick<Pool | PoolClient, 'query'>): Promise<Partition[]> {
  const { rows } = await pool.query<{ name: string; bound: string }>(LIST)
  return rows.map(({ name, bound }) => {
    const [, from, to] = BOUND.exec(bound) ?? []
    return { name, range: from === undefined ? undefined : { fromMs: Number(from), toMs: Number(to) } }
  })
}

async function tryUnderLock<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    await client.query(`SET LOCAL lock_timeout = ${LOCK_LIMIT_MS}`)
    await client.query(`SET LOCAL statement_timeout = ${STATEMENT_LIMIT_MS}`)
    await client.query('LOCK TABLE ONLY event_logs IN ACCESS EXCLUSIVE MODE')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((fault: Error) => {
      broken = fault
    })
    throw error
  } finally {
    client.release(broken)
  }
}

/**
 * Changes the partitions while nobody reads or writes the log, which is why it may wait and work for a moment only, and
 * rather tries again.
 *
 * @throws the database's error once the tries are used up, or at once when it is another than a lock not had: what took
 * too long takes as long the next time, while all of ingest waits
 */
export async function underLock<T>(
  pool: Pool,
  { tries, signal }: { tries: number; signal?: AbortSignal | undefined },
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await tryUnderLock(pool, work)
    } catch (error) {
      if (left <= 0 || !IN_THE_WAY.has(codeOf(error))) throw error
    }
    // Not in step with other servers.
    await sleep(PAUSE_MS * (0.5 + Math.random()), undefined, { signal })
  }
}

/** Makes the partition of a month, and moves there what clocks that run ahead had filed under it already. */
export async function addMonth(client: PoolClient, { name, fromMs, toMs }: Month): Promise<void> {
  const { rows } = await client.query<{ isThere: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS "isThere"',
    [name],
  )
  if (rows[0]?.isThere === true) return
  await client.query(`CREATE TABLE ${name} (LIKE event_logs INCLUDING ALL)`)
  await client.query(`WITH moved AS (DELETE FROM ${DEFAULT_PARTITION}
    WHERE partition_ms >= ${fromMs} AND partition_ms < ${toMs} RETURNING *) INSERT INTO ${name} SELECT * FROM moved`)
  await client.query(
    `ALTER TABLE event_logs ATTACH PARTITION ${name} FOR VALUES FROM (${fromMs}) TO (${toMs})`,
  )
}

/** How many rows lie in the default partition; stops counting at `most`. */
export async function countDefault(pool: Pool, most: number): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    `SELECT count(*) FROM (SELECT FROM ${DEFAULT_PARTITION} LIMIT $1) AS counted`,
    [most],
  )
  return Number(rows[0]?.count)
}
