import type { Lookup, Profile, Tallies, Weights } from '@helloagain/recognition/linkage'
import type { Pool, PoolClient } from 'pg'
import { inTransaction } from '../platform/storage/postgres/open.ts'
import { listedWhole } from './listing.ts'
import { countKeysOf, type ProfileRow, type ReadRow, toProfile } from './profile-codec.ts'
import {
  BLOCK_STEP_MS,
  inLockOrder,
  oldestMs,
  PROFILES_KEY,
  profileRows,
  type Written,
} from './recogniser-counting.ts'
import type { Candidate, ChangeProfile, Found, LookupBounds, RecogniserStore } from './recogniser-ports.ts'
import {
  ADD_COUNTS,
  ADD_TALLIES,
  COUNT_BLOCKS,
  DROP_BLOCKS,
  DROP_COUNTS,
  DROP_PROFILES,
  dropOld,
  FIND_CANDIDATES,
  FIND_COUNTS,
  FIND_PROFILE,
  FIND_TALLIES,
  FIND_WEIGHTS,
  INSERT_PROFILE,
  LOCK_OLD,
  LOCK_PROFILE,
  UPDATE_PROFILE,
  WRITE_BLOCKS,
} from './recogniser-postgres-queries.ts'

interface Row {
  readonly visitor_id: string
  readonly browser_family: string
  readonly browser_major: number | null
  readonly os_family: string
  readonly screen_class: string
  readonly observations: number
  /** The driver answers bigints as text. */
  readonly first_seen_at_ms: string
  readonly last_seen_at_ms: string
  readonly holds_proof: boolean
  readonly novelty_day: number
  readonly novelty_count: number
  readonly sets: string
}

interface CandidateRow extends Row {
  /** The blocks it stands under, a digit each. */
  readonly numbers: string
  /** JSON: by block, how many were found. */
  readonly found: string
  readonly known_as: string | null
}

type OldRow = Pick<Row, 'visitor_id'> & { readonly site_id: string; readonly counted: string }

const toRow = (row: Row): ReadRow => ({
  visitorId: row.visitor_id,
  browserFamily: row.browser_family,
  browserMajor: row.browser_major,
  osFamily: row.os_family,
  screenClass: row.screen_class,
  observations: row.observations,
  firstSeenAtMs: Number(row.first_seen_at_ms),
  lastSeenAtMs: Number(row.last_seen_at_ms),
  holdsProof: row.holds_proof,
  noveltyDay: row.novelty_day,
  noveltyCount: row.novelty_count,
  sets: row.sets,
})

const toWhole = (row: Row & { readonly counted: string }): Profile =>
  toProfile({ ...toRow(row), counted: row.counted })

function toCandidates(rows: readonly CandidateRow[], { perBlock }: LookupBounds): Candidate[] {
  const standing = new Map(rows.map((row) => [row.visitor_id, Array.from(row.numbers, Number)]))
  const found = JSON.parse(rows[0]?.found ?? '{}') as Readonly<Record<string, number>>
  const read = Object.entries(found).map(
    ([number, count]) => [Number(number), { found: count, isWhole: count <= perBlock }] as const,
  )
  const whole = listedWhole(standing, new Map(read))
  return rows.map((row) => ({
    profile: toProfile(toRow(row)),
    knownAs: row.known_as ?? undefined,
    isListedWhole: whole.has(row.visitor_id),
  }))
}

async function find(
  client: PoolClient,
  siteId: string,
  { lookup, bounds }: { lookup: Lookup; bounds: LookupBounds },
): Promise<Found> {
  const asked = [siteId, lookup.blocks, bounds.perBlock, bounds.candidates]
  // Sent without waiting, they travel together.
  const [found, counted] = await Promise.all([
    client.query<CandidateRow>({ ...FIND_CANDIDATES, values: asked }),
    client.query<{ token: string; visitors: number }>({
      ...FIND_COUNTS,
      values: [siteId, [...lookup.counts, PROFILES_KEY]],
    }),
  ])
  const counts = new Map(counted.rows.map((row) => [row.token, row.visitors]))
  const visitors = counts.get(PROFILES_KEY) ?? 0
  counts.delete(PROFILES_KEY)
  return { candidates: toCandidates(found.rows, bounds), visitors, counts }
}

/** @param deltas in lock order, by site and key */
async function writeCounts(
  client: PoolClient,
  deltas: readonly (readonly [siteId: string, key: string, delta: number])[],
): Promise<void> {
  if (deltas.length === 0) return
  const sites = deltas.map(([siteId]) => siteId)
  const keys = deltas.map(([, key]) => key)
  await client.query({ ...ADD_COUNTS, values: [sites, keys, deltas.map(([, , delta]) => delta)] })
  const lowered = deltas.filter(([, , delta]) => delta < 0)
  if (lowered.length === 0) return
  await client.query({
    ...DROP_COUNTS,
    values: [lowered.map(([siteId]) => siteId), lowered.map(([, key]) => key)],
  })
}

/** False: another one made the profile meanwhile, or the visitor is gone. */
async function writeProfile(client: PoolClient, row: ProfileRow, isNew: boolean): Promise<boolean> {
  const values = [
    ...[row.visitorId, row.siteId, row.browserFamily, row.browserMajor, row.osFamily, row.screenClass],
    ...[row.observations, row.firstSeenAtMs, row.lastSeenAtMs, row.holdsProof, row.noveltyDay],
    ...[row.noveltyCount, row.sets, row.counted],
  ]
  const { rowCount } = await client.query({ ...(isNew ? INSERT_PROFILE : UPDATE_PROFILE), values })
  return rowCount === 1
}

async function write(client: PoolClient, siteId: string, written: Written): Promise<boolean> {
  const { profile: row, blocks, deltas } = profileRows(siteId, written)
  const { visitorId, lastSeenAtMs } = row
  const { lost, profile } = written.taken
  if (!(await writeProfile(client, row, written.isNew))) return false
  await client.query({ ...WRITE_BLOCKS, values: [siteId, visitorId, lastSeenAtMs, [...blocks].sort()] })
  if (lost.length > 0) {
    await client.query({ ...DROP_BLOCKS, values: [visitorId, oldestMs(profile) - BLOCK_STEP_MS] })
  }
  await writeCounts(
    client,
    [...deltas].map(([key, delta]) => [siteId, key, delta]),
  )
  return true
}

interface Change {
  readonly siteId: string
  readonly visitorId: string
  readonly change: ChangeProfile
}

async function changeProfile(client: PoolClient, { siteId, visitorId, change }: Change): Promise<boolean> {
  // A second time where another one made the profile in between: its row is there to be locked by then.
  for (let tries = 2; tries > 0; tries -= 1) {
    const { rows } = await client.query<OldRow & Row>({ ...LOCK_PROFILE, values: [visitorId, siteId] })
    const known = rows[0] && toWhole(rows[0])
    const taken = change(known)
    if (!taken) return false
    if (await write(client, siteId, { taken, isNew: known === undefined })) return true
  }
  return false
}

/** Takes locked profiles out of the counts and deletes them; their blocks go with them. */
async function dropProfiles(client: PoolClient, rows: readonly OldRow[]): Promise<void> {
  if (rows.length === 0) return
  const gone = new Map<string, [siteId: string, key: string, delta: number]>()
  for (const { site_id, counted } of rows) {
    for (const key of [PROFILES_KEY, ...countKeysOf(counted)]) {
      const entry = gone.get(`${site_id}\n${key}`)
      if (entry) entry[2] -= 1
      else gone.set(`${site_id}\n${key}`, [site_id, key, -1])
    }
  }
  await writeCounts(client, [...inLockOrder(gone).values()])
  await client.query(DROP_PROFILES, [rows.map(({ visitor_id }) => visitor_id)])
}

async function forget(client: PoolClient, siteId: string, visitorId: string): Promise<number> {
  const { rows } = await client.query<OldRow>({ ...LOCK_PROFILE, values: [visitorId, siteId] })
  if (rows.length === 0) return 0
  const counted = await client.query<{ blocks: number }>(COUNT_BLOCKS, [visitorId])
  await dropProfiles(client, rows)
  return 1 + (counted.rows[0]?.blocks ?? 0)
}

async function expire(client: PoolClient, cutoffMs: number, limit: number): Promise<number> {
  const { rows } = await client.query<OldRow>(LOCK_OLD, [cutoffMs, limit])
  await dropProfiles(client, rows)
  let gone = rows.length
  for (const table of ['visitor_fingerprints', 'visitor_device_ids']) {
    const { rowCount } = await client.query(dropOld(table), [cutoffMs, limit])
    gone += rowCount ?? 0
  }
  return gone
}

/** The recogniser's rows on PostgreSQL. Whoever writes locks the profile first, then counts in their order. */
export function createPostgresRecogniserStore(pool: Pool): RecogniserStore {
  async function using<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    try {
      return await work(client)
    } finally {
      client.release()
    }
  }
  return {
    find: (siteId, lookup, bounds) => using((client) => find(client, siteId, { lookup, bounds })),
    async findProfile(siteId, visitorId) {
      const { rows } = await pool.query<OldRow & Row>({ ...FIND_PROFILE, values: [visitorId, siteId] })
      return rows[0] && toWhole(rows[0])
    },
    change: (siteId, visitorId, change) =>
      inTransaction(pool, (client) => changeProfile(client, { siteId, visitorId, change })),
    forgetProfile: (siteId, visitorId) => inTransaction(pool, (client) => forget(client, siteId, visitorId)),
    expire: (cutoffMs, limit) => inTransaction(pool, (client) => expire(client, cutoffMs, limit)),
    async tallies(siteId): Promise<Tallies> {
      const { rows } = await pool.query<{ name: string; hits: string; total: string }>(FIND_TALLIES, [siteId])
      return new Map(
        rows.map(({ name, hits, total }) => [name, { hits: Number(hits), total: Number(total) }]),
      )
    },
    async addTallies(siteId, tallies) {
      const sorted = [...inLockOrder(tallies)]
      await pool.query(ADD_TALLIES, [
        siteId,
        sorted.map(([name]) => name),
        sorted.map(([, { hits }]) => hits),
        sorted.map(([, { total }]) => total),
      ])
    },
    async liveWeights(siteId) {
      // Only learning writes it.
      const { rows } = await pool.query<{ weights: Weights }>(FIND_WEIGHTS, [siteId])
      return rows[0]?.weights
    },
  }
}
