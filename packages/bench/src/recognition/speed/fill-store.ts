import type { Engine } from '../../../../../server/src/platform/storage/storage.ts'
import { type ProfileRows, profileRows } from '../../../../../server/src/recognition/recogniser-counting.ts'
import { type Observed, takeIn } from '../../../../recognition/src/linkage.ts'
import { type Bulk, openBulk, type Row } from './bulk.ts'

const CHUNK = 5000
const DAY_MS = 86_400_000
/** Visitors came by within so many days before the decisions that are timed. */
const SEEN_WITHIN_DAYS = 25
/** Filled here; their indexes are made once the rows are there. */
const TABLES = ['visitors', 'visitor_profiles', 'visitor_blocks']

export interface Filling {
  readonly siteId: string
  /** The moment of the decisions. */
  readonly atMs: number
  readonly ttlMs: number
}

/** Whose visit the filler makes of the observation of that number: in the order of their ids, as visitors are made. */
export const visitorOf = (number: number): string =>
  `${number.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`

/** Spread over the days, in no order. */
export const seenAtMs = (number: number, atMs: number): number =>
  atMs - DAY_MS - ((number * 7919) % (SEEN_WITHIN_DAYS * 24)) * (DAY_MS / 24)

const columns = new Map<string, string>()
/** `firstSeenAtMs` → `first_seen_at_ms`. */
function toColumn(name: string): string {
  const known = columns.get(name) ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  columns.set(name, known)
  return known
}
const toRow = (fields: object): Row =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [toColumn(name), value]))

/** Writes visitors with their profiles. Blocks stand aside: their order is not that of the visitors. */
async function writeProfiles(bulk: Bulk, siteId: string, chunk: readonly ProfileRows[]): Promise<void> {
  await bulk.insert(
    'visitors',
    chunk.map(({ profile: { visitorId: id, firstSeenAtMs, lastSeenAtMs } }) =>
      toRow({ ...{ id, siteId, firstSeenAtMs, lastSeenAtMs }, visitCount: 1 }),
    ),
  )
  await bulk.insert(
    'visitor_profiles',
    chunk.map(({ profile }) => toRow(profile)),
  )
  const blocks = chunk.flatMap(({ profile: { visitorId, lastSeenAtMs }, blocks: names }) =>
    names.map((block) => toRow({ siteId, block, visitorId, lastSeenAtMs })),
  )
  if (blocks.length > 0) await bulk.insert('new_blocks', blocks)
}

function addUp(chunk: readonly ProfileRows[], counts: Map<string, number>): void {
  for (const { deltas } of chunk) {
    for (const [token, delta] of deltas) counts.set(token, (counts.get(token) ?? 0) + delta)
  }
}

async function writeCounts(bulk: Bulk, siteId: string, counts: ReadonlyMap<string, number>): Promise<void> {
  // In the order of the key: page after page is filled.
  const tokens = [...counts.keys()].sort()
  for (let at = 0; at < tokens.length; at += CHUNK) {
    await bulk.insert(
      'token_counts',
      tokens.slice(at, at + CHUNK).map((token) => toRow({ siteId, token, visitors: counts.get(token) })),
      'ON CONFLICT (site_id, token) DO UPDATE SET visitors = token_counts.visitors + excluded.visitors',
    )
  }
}

/** A store that is filled by the rows the server's own store would write, in an order that takes minutes and not hours. */
export function createFiller(engine: Engine, { siteId, atMs, ttlMs }: Filling) {
  let filled = 0

  function take(observed: Observed): ProfileRows {
    const taken = takeIn(undefined, observed, {
      ...{ visitorId: visitorOf(filled), atMs: seenAtMs(filled, atMs), ttlMs },
      ...{ holdsProof: true, isTrusted: true },
    })
    filled += 1
    return profileRows(siteId, { taken, isNew: true })
  }

  function takeChunk(size: number, crowd: Iterator<Observed>): ProfileRows[] {
    const chunk: ProfileRows[] = []
    while (chunk.length < CHUNK && filled < size) {
      const { value, done } = crowd.next()
      if (done === true) throw new Error(`The crowd ended at ${filled}.`)
      chunk.push(take(value))
    }
    return chunk
  }

  return {
    /** Takes observations in, each as a visitor of its own, until the store holds so many. */
    async fillTo(size: number, crowd: Iterator<Observed>): Promise<void> {
      const bulk = await openBulk(engine)
      const indexes = await bulk.dropIndexes(TABLES)
      await bulk.run('CREATE TEMP TABLE new_blocks AS SELECT * FROM visitor_blocks WHERE false')
      const counts = new Map<string, number>()
      while (filled < size) {
        const chunk = takeChunk(size, crowd)
        addUp(chunk, counts)
        await writeProfiles(bulk, siteId, chunk)
      }
      await bulk.run(
        'INSERT INTO visitor_blocks SELECT * FROM new_blocks ORDER BY site_id, block, visitor_id; DROP TABLE new_blocks',
      )
      await writeCounts(bulk, siteId, counts)
      for (const sql of indexes) await bulk.run(sql)
      await bulk.close()
    },
  }
}
