import type { Lookup, Profile, Tallies, Tally, Weights } from '@helloagain/recognition/linkage'
import type BetterSqlite3 from 'better-sqlite3'
import type { Engine } from '../platform/storage/storage.ts'
import { listedWhole } from './listing.ts'
import { countKeysOf, type ReadRow, toProfile } from './profile-codec.ts'
import { BLOCK_STEP_MS, oldestMs, PROFILES_KEY, profileRows, type Written } from './recogniser-counting.ts'
import type { Candidate, ChangeProfile, Found, LookupBounds, RecogniserStore } from './recogniser-ports.ts'

type Client = BetterSqlite3.Database

const PROFILE_COLUMNS = `p.visitor_id, p.browser_family, p.browser_major, p.os_family, p.screen_class,
  p.observations, p.first_seen_at_ms, p.last_seen_at_ms, p.holds_proof, p.novelty_day, p.novelty_count, p.sets`

const FIND_BLOCK = `SELECT visitor_id, last_seen_at_ms FROM visitor_blocks WHERE site_id = ? AND block = ?
  ORDER BY last_seen_at_ms DESC LIMIT ?`

// By one statement and a list: it takes half the time of a statement for each.
const FIND_CANDIDATES = `SELECT ${PROFILE_COLUMNS}, (SELECT known_visitor_id FROM visitor_links l
  WHERE l.visitor_id = p.visitor_id AND l.undone_at_ms IS NULL ORDER BY created_at_ms, id LIMIT 1)
  FROM visitor_profiles p WHERE p.visitor_id IN (SELECT value FROM json_each(?)) AND p.site_id = ?`

const FIND_PROFILE = `SELECT ${PROFILE_COLUMNS}, p.counted FROM visitor_profiles p
  WHERE p.visitor_id = ? AND p.site_id = ?`

const FIND_COUNTS = `SELECT token, visitors FROM token_counts WHERE site_id = ? AND token IN
  (SELECT value FROM json_each(?))`

const HAS_VISITOR = 'SELECT 1 FROM visitors WHERE id = ? AND site_id = ?'

const WRITE_PROFILE = `INSERT INTO visitor_profiles (visitor_id, site_id, browser_family, browser_major, os_family,
  screen_class, observations, first_seen_at_ms, last_seen_at_ms, holds_proof, novelty_day, novelty_count, sets, counted)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (visitor_id) DO UPDATE SET
  browser_family = excluded.browser_family, browser_major = excluded.browser_major, os_family = excluded.os_family,
  screen_class = excluded.screen_class, observations = excluded.observations,
  first_seen_at_ms = excluded.first_seen_at_ms, last_seen_at_ms = excluded.last_seen_at_ms,
  holds_proof = excluded.holds_proof, novelty_day = excluded.novelty_day, novelty_count = excluded.novelty_count,
  sets = excluded.sets, counted = excluded.counted`

const WRITE_BLOCK = `INSERT INTO visitor_blocks (site_id, block, visitor_id, last_seen_at_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET last_seen_at_ms = excluded.last_seen_at_ms
  WHERE last_seen_at_ms <= excluded.last_seen_at_ms - ${BLOCK_STEP_MS}`

const DROP_BLOCKS = 'DELETE FROM visitor_blocks WHERE visitor_id = ? AND last_seen_at_ms < ?'

const ADD_COUNT = `INSERT INTO token_counts (site_id, token, visitors) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET visitors = visitors + excluded.visitors`
const DROP_COUNT = 'DELETE FROM token_counts WHERE site_id = ? AND token = ? AND visitors <= 0'

const DROP_PROFILE = 'DELETE FROM visitor_profiles WHERE visitor_id = ?'
const COUNT_BLOCKS = 'SELECT count(*) FROM visitor_blocks WHERE visitor_id = ?'
const FIND_OLD = `SELECT visitor_id, site_id, counted FROM visitor_profiles WHERE last_seen_at_ms < ?
  ORDER BY last_seen_at_ms LIMIT ?`
const dropOld = (table: string) => `DELETE FROM ${table} WHERE rowid IN
  (SELECT rowid FROM ${table} WHERE last_seen_at_ms < ? LIMIT ?)`

const FIND_TALLIES = 'SELECT name, hits, total FROM recognition_tallies WHERE site_id = ?'
const ADD_TALLY = `INSERT INTO recognition_tallies (site_id, name, hits, total) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET hits = hits + excluded.hits, total = total + excluded.total`
const FIND_WEIGHTS = `SELECT weights FROM recognition_models WHERE site_id = ? AND state = 'live'
  ORDER BY version DESC LIMIT 1`

const prepare = (client: Client) => ({
  findBlock: client.prepare(FIND_BLOCK).raw(),
  findCandidates: client.prepare(FIND_CANDIDATES).raw(),
  findProfile: client.prepare(FIND_PROFILE).raw(),
  findCounts: client.prepare(FIND_COUNTS).raw(),
  hasVisitor: client.prepare(HAS_VISITOR).pluck(),
  writeProfile: client.prepare(WRITE_PROFILE),
  writeBlock: client.prepare(WRITE_BLOCK),
  dropBlocks: client.prepare(DROP_BLOCKS),
  addCount: client.prepare(ADD_COUNT),
  dropCount: client.prepare(DROP_COUNT),
  dropProfile: client.prepare(DROP_PROFILE),
  countBlocks: client.prepare(COUNT_BLOCKS).pluck(),
  findOld: client.prepare(FIND_OLD),
  dropFingerprints: client.prepare(dropOld('visitor_fingerprints')),
  dropDevices: client.prepare(dropOld('visitor_device_ids')),
  findTallies: client.prepare(FIND_TALLIES).raw(),
  addTally: client.prepare(ADD_TALLY),
  findWeights: client.prepare(FIND_WEIGHTS).pluck(),
})

type Statements = ReturnType<typeof prepare>

type Cells = readonly [
  ...[visitorId: string, browserFamily: string, browserMajor: number | null],
  ...[
    osFamily: string,
    screenClass: string,
    observations: number,
    firstSeenAtMs: number,
    lastSeenAtMs: number,
  ],
  ...[holdsProof: number, noveltyDay: number, noveltyCount: number, sets: string, last: string | null],
]

/** @param cells PROFILE_COLUMNS, in that order */
const toRow = (cells: Cells): ReadRow => ({
  visitorId: cells[0],
  browserFamily: cells[1],
  browserMajor: cells[2],
  osFamily: cells[3],
  screenClass: cells[4],
  observations: cells[5],
  firstSeenAtMs: cells[6],
  lastSeenAtMs: cells[7],
  holdsProof: cells[8] === 1,
  noveltyDay: cells[9],
  noveltyCount: cells[10],
  sets: cells[11],
})

function findOne(statements: Statements, siteId: string, visitorId: string): Profile | undefined {
  const cells = statements.findProfile.get(visitorId, siteId) as Cells | undefined
  return cells && toProfile({ ...toRow(cells), counted: cells[12] ?? '[]' })
}

/** A visitor found under some of the blocks. */
interface Standing {
  readonly visitorId: string
  readonly numbers: number[]
  /** How much those blocks tell: block 0 more than all that follow. */
  telling: number
  lastSeenAtMs: number
}

/** Reads the blocks, and chooses. */
function standingUnder(
  { findBlock }: Statements,
  siteId: string,
  { blocks, bounds }: { blocks: readonly string[]; bounds: LookupBounds },
) {
  const standing = new Map<string, Standing>()
  const read = new Map<number, { found: number; isWhole: boolean }>()
  for (const [number, block] of blocks.entries()) {
    // Whoever stands under less telling blocks alone would not be chosen.
    if (standing.size >= bounds.candidates) break
    const rows = findBlock.all(siteId, block, bounds.perBlock + 1) as [string, number][]
    const isWhole = rows.length <= bounds.perBlock
    if (!isWhole) rows.pop()
    read.set(number, { found: rows.length, isWhole })
    for (const [visitorId, lastSeenAtMs] of rows) {
      const known = standing.get(visitorId)
      if (known) {
        known.numbers.push(number)
        known.telling += 2 ** -number
        known.lastSeenAtMs = Math.max(known.lastSeenAtMs, lastSeenAtMs)
      } else standing.set(visitorId, { visitorId, numbers: [number], telling: 2 ** -number, lastSeenAtMs })
    }
  }
  const best = [...standing.values()]
    .sort((a, b) => b.telling - a.telling || b.lastSeenAtMs - a.lastSeenAtMs)
    .slice(0, bounds.candidates)
  const chosen = new Map(best.map(({ visitorId, numbers }) => [visitorId, numbers]))
  return { chosen, whole: listedWhole(chosen, read) }
}

function find(
  statements: Statements,
  siteId: string,
  { lookup, bounds }: { lookup: Lookup; bounds: LookupBounds },
): Found {
  const { chosen, whole } = standingUnder(statements, siteId, { blocks: lookup.blocks, bounds })
  const ids = JSON.stringify([...chosen.keys()])
  const rows = chosen.size === 0 ? [] : (statements.findCandidates.all(ids, siteId) as Cells[])
  const byId = new Map(rows.map((cells) => [cells[0], cells]))
  const candidates = [...chosen.keys()].flatMap((visitorId): Candidate[] => {
    const cells = byId.get(visitorId)
    if (!cells) return []
    const isListedWhole = whole.has(visitorId)
    return [{ profile: toProfile(toRow(cells)), knownAs: cells[12] ?? undefined, isListedWhole }]
  })
  const keys = JSON.stringify([...lookup.counts, PROFILES_KEY])
  const counts = new Map(statements.findCounts.all(siteId, keys) as [string, number][])
  const visitors = counts.get(PROFILES_KEY) ?? 0
  counts.delete(PROFILES_KEY)
  return { candidates, visitors, counts }
}

function writeCounts(statements: Statements, siteId: string, deltas: ReadonlyMap<string, number>): void {
  for (const [key, delta] of deltas) {
    statements.addCount.run(siteId, key, delta)
    if (delta < 0) statements.dropCount.run(siteId, key)
  }
}

function write(statements: Statements, siteId: string, written: Written): void {
  const { profile: row, blocks, deltas } = profileRows(siteId, written)
  const { lost, profile } = written.taken
  statements.writeProfile.run(
    ...[row.visitorId, siteId, row.browserFamily, row.browserMajor, row.osFamily, row.screenClass],
    ...[row.observations, row.firstSeenAtMs, row.lastSeenAtMs, row.holdsProof ? 1 : 0],
    ...[row.noveltyDay, row.noveltyCount, row.sets, row.counted],
  )
  for (const block of blocks) statements.writeBlock.run(siteId, block, row.visitorId, row.lastSeenAtMs)
  if (lost.length > 0) statements.dropBlocks.run(row.visitorId, oldestMs(profile) - BLOCK_STEP_MS)
  writeCounts(statements, siteId, deltas)
}

interface Change {
  readonly siteId: string
  readonly visitorId: string
  readonly change: ChangeProfile
}

function changeProfile(statements: Statements, { siteId, visitorId, change }: Change): boolean {
  if (!statements.hasVisitor.get(visitorId, siteId)) return false
  const known = findOne(statements, siteId, visitorId)
  const taken = change(known)
  if (taken) write(statements, siteId, { taken, isNew: known === undefined })
  return taken !== undefined
}

/** Takes profiles back out of the counts and deletes them; their blocks go with them. */
function dropProfiles(
  statements: Statements,
  rows: readonly { visitor_id: string; site_id: string; counted: string }[],
): void {
  for (const { visitor_id, site_id, counted } of rows) {
    const keys = [PROFILES_KEY, ...countKeysOf(counted)]
    writeCounts(statements, site_id, new Map(keys.map((key) => [key, -1])))
    statements.dropProfile.run(visitor_id)
  }
}

function forget(statements: Statements, siteId: string, visitorId: string): number {
  const cells = statements.findProfile.get(visitorId, siteId) as Cells | undefined
  if (!cells) return 0
  const blocks = statements.countBlocks.get(visitorId) as number
  dropProfiles(statements, [{ visitor_id: visitorId, site_id: siteId, counted: cells[12] ?? '[]' }])
  return 1 + blocks
}

function expire(statements: Statements, cutoffMs: number, limit: number): number {
  const rows = statements.findOld.all(cutoffMs, limit) as Parameters<typeof dropProfiles>[1]
  dropProfiles(statements, rows)
  const fingerprints = statements.dropFingerprints.run(cutoffMs, limit).changes
  return rows.length + fingerprints + statements.dropDevices.run(cutoffMs, limit).changes
}

/** The recogniser's rows on SQLite, by prepared statements: each call is one synchronous piece of work. */
export function createSqliteRecogniserStore({
  inTurn,
  read,
}: Extract<Engine, { kind: 'sqlite' }>): RecogniserStore {
  let prepared: Statements | undefined
  /** The write-ahead log still holds pages from before something expired (SECURITY.md P5). */
  let isInLog = false
  const using = (client: Client) => (prepared ??= prepare(client))
  /** All or nothing. */
  const inTransaction = <T>(work: (statements: Statements) => T) =>
    inTurn((client) => client.transaction(() => work(using(client))).immediate())

  return {
    find: (siteId, lookup, bounds) => read((client) => find(using(client), siteId, { lookup, bounds })),
    findProfile: (siteId, visitorId) => read((client) => findOne(using(client), siteId, visitorId)),
    change: (siteId, visitorId, change) =>
      inTransaction((statements) => changeProfile(statements, { siteId, visitorId, change })),
    forgetProfile: (siteId, visitorId) =>
      inTransaction((statements) => forget(statements, siteId, visitorId)),
    async expire(cutoffMs, limit) {
      const deleted = await inTransaction((statements) => expire(statements, cutoffMs, limit))
      // At the end only: what is deleted page by page would be copied page by page.
      if (deleted === 0 && isInLog) await inTurn((client) => client.pragma('wal_checkpoint(TRUNCATE)'))
      isInLog = deleted > 0
      return deleted
    },
    async tallies(siteId): Promise<Tallies> {
      const rows = await read((client) => using(client).findTallies.all(siteId))
      return new Map(
        (rows as [string, number, number][]).map(([name, hits, total]) => [name, { hits, total }]),
      )
    },
    addTallies: (siteId, tallies) =>
      inTransaction(({ addTally }) => {
        for (const [name, { hits, total }] of tallies as ReadonlyMap<string, Tally>) {
          addTally.run(siteId, name, hits, total)
        }
      }),
    async liveWeights(siteId) {
      const text = await read((client) => using(client).findWeights.get(siteId) as string | undefined)
      // Only learning writes it.
      return text === undefined ? undefined : (JSON.parse(text) as Weights)
    },
  }
}
