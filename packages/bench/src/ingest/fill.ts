// Fills a database with events of the last 90 days, as they would lie there: ids in the order of time, some hundred
// sessions at any moment, twenty events each. `node fill.mjs <sqlite|postgres> <data folder or url> <rows>`.
import { randomUUID } from 'node:crypto'
import { openStorage } from '../../../../server/src/open-storage.ts'
import { preparePostgresInsert, prepareSqliteInsert } from './insert-rows.ts'
import { newOwner, type Owner, type SampleRow, sampleRow } from './sample-row.ts'

const DAYS_MS = 90 * 86_400_000
const EVENTS_A_SESSION = 20
const SESSIONS_AT_ONCE = 200
const CHUNK = 10_000

interface Going extends Owner {
  left: number
}

/** UUIDv7 (RFC 9562 §5.7) of a moment that is over. */
function idAt(atMs: number): string {
  const time = Math.floor(atMs).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

function* makeChunks(rows: number): Generator<SampleRow[]> {
  const startMs = Date.now() - DAYS_MS
  const { siteId } = newOwner()
  const open = (atMs: number): Going => ({
    siteId,
    sessionId: idAt(atMs),
    visitorId: idAt(atMs),
    visitId: idAt(atMs),
    left: EVENTS_A_SESSION,
  })
  const going = Array.from({ length: SESSIONS_AT_ONCE }, () => open(startMs))
  for (let made = 0; made < rows; made += CHUNK) {
    yield Array.from({ length: Math.min(CHUNK, rows - made) }, (_, index) => {
      const atMs = Math.floor(startMs + ((made + index) / rows) * DAYS_MS)
      const place = (made + index) % SESSIONS_AT_ONCE
      let session = going[place]
      if (!session || session.left === 0) session = going[place] = open(atMs)
      session.left -= 1
      return sampleRow(session, atMs, idAt(atMs))
    })
  }
}

const [kind, place = '.', wanted] = process.argv.slice(2)
const storage = await openStorage(kind === 'postgres' ? place : undefined, place)
const { engine } = storage
const chunks = makeChunks(Number(wanted))
if (engine.kind === 'sqlite') {
  await engine.inTurn((client) => {
    // Nobody waits for these rows; a power cut means starting anew.
    client.pragma('synchronous = OFF')
    client.pragma('cache_size = -262144')
    const store = prepareSqliteInsert(client)
    for (const chunk of chunks) store(chunk)
    client.pragma('wal_checkpoint(TRUNCATE)')
  })
} else {
  const store = await preparePostgresInsert(engine.pool)
  for (const chunk of chunks) await store(chunk)
}
await storage.close()
