// What PostgreSQL stores by one `INSERT … SELECT unnest … ON CONFLICT DO NOTHING` after the other on one connection:
// the server's own table and indexes, nothing around them.
// `node postgres-ceiling.mjs <database url> <rows a statement> <ms>`. Prints rows a second.
import { openStorage } from '../../../../server/src/open-storage.ts'
import { preparePostgresInsert } from './insert-rows.ts'
import { newOwner, sampleRow } from './sample-row.ts'

const [url, batch, durationMs] = process.argv.slice(2)
const storage = await openStorage(url, '.')
if (storage.engine.kind !== 'postgres') throw new Error('This is about PostgreSQL.')

const store = await preparePostgresInsert(storage.engine.pool)
const owner = newOwner()
let rows = 0
let spentMs = 0
while (spentMs < Number(durationMs)) {
  const made = Array.from({ length: Number(batch) }, () => sampleRow(owner, Date.now()))
  const startedAtMs = performance.now()
  await store(made)
  spentMs += performance.now() - startedAtMs
  rows += made.length
}
await storage.close()
process.stdout.write(String((rows / spentMs) * 1000))
