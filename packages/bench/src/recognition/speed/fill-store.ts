import type { Engine } from '../../../../../server/src/platform/storage/storage.ts'
import { type ProfileRows, profileRows } from '../../../../../server/src/recognition/recogniser-counting.ts'
import { type Observed, takeIn } from '../../../../recognition/src/linkage.ts'

/** By column. */
type Row = Readonly<Record<string, unknown>>
type Insert = (table: string, rows: readonly Row[]) => Promise<void>

const CHUNK = 5000
const DAY_MS = 86_400_000
/** Visitors came by within so many days before the decisions that are timed. */
const SEEN_WITHIN_DAYS = 25

export interface Filling {
  readonly siteId: string
  /** The moment of the decisions. */
  readonly atMs: number
  readonly ttlMs: number
}

const columns = new Map<string, string>()
/** `firstSeenAtMs` → `first_seen_at_ms`. */
function toColumn(name: string): string {
  const known = columns.get(name) ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  columns.set(name, known)
  return known
}
const toRow = (fields: object): Row =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [toColumn(name), value]))

function sqliteInsert(engine: Extract<Engine, { kind: 'sqlite' }>): Insert {
  return (table, rows) =>
    engine.inTurn((client) => {
      const names = Object.keys(rows[0] ?? {})
      const insert = client.prepare(
        `INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})
          ${table === 'token_counts' ? 'ON CONFLICT DO UPDATE SET visitors = visitors + excluded.visitors' : ''}`,
      )
      const all = client.transaction(() => {
        for (const row of rows) {
          insert.run(names.map((name) => (typeof row[name] === 'boolean' ? Number(row[name]) : row[name])))
        }
      })
      all.immediate()
    })
}

async function postgresInsert({ pool }: Extract<Engine, { kind: 'postgres' }>): Promise<Insert> {
  const { rows: found } = await pool.query<{ table: string; name: string; type: string }>(
    `SELECT table_name AS table, column_name AS name, udt_name AS type FROM information_schema.columns
      WHERE table_schema = current_schema()`,
  )
  const types = new Map(found.map(({ table, name, type }) => [`${table}.${name}`, type]))
  return async (table, rows) => {
    const names = Object.keys(rows[0] ?? {})
    const arrays = names.map((name, index) => `$${index + 1}::${types.get(`${table}.${name}`)}[]`)
    await pool.query(
      `INSERT INTO ${table} (${names.join()}) SELECT * FROM unnest(${arrays.join()})
        ${table === 'token_counts' ? `ON CONFLICT (site_id, token) DO UPDATE SET visitors = ${table}.visitors + excluded.visitors` : ''}`,
      names.map((name) => rows.map((row) => row[name])),
    )
  }
}

/** Makes a database forget durability and references while it is filled: the rows fit, and a power cut means starting anew. */
async function hurry(engine: Engine): Promise<void> {
  if (engine.kind === 'postgres') {
    engine.pool.on('connect', (client) => {
      client
        .query('SET session_replication_role = replica; SET synchronous_commit = off')
        .catch(() => undefined)
    })
    return
  }
  await engine.inTurn((client) => {
    client.pragma('synchronous = OFF')
    client.pragma('foreign_keys = OFF')
    client.pragma('cache_size = -524288')
  })
}

/** A store that is filled by the rows the server's own store would write, many in a transaction. */
export async function createFiller(engine: Engine, { siteId, atMs, ttlMs }: Filling) {
  await hurry(engine)
  const insert = engine.kind === 'sqlite' ? sqliteInsert(engine) : await postgresInsert(engine)
  let filled = 0

  function take(observed: Observed): ProfileRows {
    const visitorId = `v${filled.toString(16).padStart(8, '0')}`
    // Spread over the days, in no order.
    const seenAtMs = atMs - DAY_MS - ((filled * 7919) % (SEEN_WITHIN_DAYS * 24)) * (DAY_MS / 24)
    filled += 1
    const taken = takeIn(undefined, observed, {
      ...{ visitorId, atMs: seenAtMs, ttlMs, holdsProof: true, isTrusted: true },
    })
    return profileRows(siteId, { taken, isNew: true })
  }

  async function write(chunk: readonly ProfileRows[]): Promise<void> {
    const counts = new Map<string, number>()
    for (const { deltas } of chunk) {
      for (const [token, delta] of deltas) counts.set(token, (counts.get(token) ?? 0) + delta)
    }
    await insert(
      'visitors',
      chunk.map(({ profile: { visitorId: id, firstSeenAtMs, lastSeenAtMs } }) =>
        toRow({ ...{ id, siteId, firstSeenAtMs, lastSeenAtMs }, visitCount: 1 }),
      ),
    )
    await insert(
      'visitor_profiles',
      chunk.map(({ profile }) => toRow(profile)),
    )
    const blocks = chunk.flatMap(({ profile: { visitorId, lastSeenAtMs }, blocks: names }) =>
      names.map((block) => toRow({ siteId, block, visitorId, lastSeenAtMs })),
    )
    if (blocks.length > 0) await insert('visitor_blocks', blocks)
    await insert(
      'token_counts',
      [...counts].map(([token, visitors]) => toRow({ siteId, token, visitors })),
    )
  }

  return {
    /** Takes observations in, each as a visitor of its own, until the store holds so many. */
    async fillTo(size: number, crowd: Iterator<Observed>): Promise<void> {
      while (filled < size) {
        const chunk: ProfileRows[] = []
        while (chunk.length < CHUNK && filled < size) {
          const { value, done } = crowd.next()
          if (done === true) throw new Error(`The crowd ended at ${filled}.`)
          chunk.push(take(value))
        }
        await write(chunk)
      }
    },
    /** So that the planner knows what it has. */
    async settle(): Promise<void> {
      if (engine.kind === 'postgres') await engine.pool.query('VACUUM ANALYZE')
      else await engine.inTurn((client) => client.exec('ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)'))
    },
  }
}
