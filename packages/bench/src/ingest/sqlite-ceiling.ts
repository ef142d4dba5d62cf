// What better-sqlite3 alone stores: the server's own table, indexes and durability, nothing around them.
// `node sqlite-ceiling.mjs <data folder> <rows a transaction> <ms>`. Prints rows a second.
import { openStorage } from '../../../../server/src/open-storage.ts'
import { prepareSqliteInsert } from './insert-rows.ts'
import { newOwner, sampleRow } from './sample-row.ts'

const [folder = '.', batch, durationMs] = process.argv.slice(2)
const storage = await openStorage(undefined, folder)
if (storage.engine.kind !== 'sqlite') throw new Error('This is about SQLite.')

const rowsPerSecond = await storage.engine.inTurn((client) => {
  const store = prepareSqliteInsert(client)
  const owner = newOwner()
  let rows = 0
  let spentMs = 0
  while (spentMs < Number(durationMs)) {
    const made = Array.from({ length: Number(batch) }, () => sampleRow(owner, Date.now()))
    const startedAtMs = performance.now()
    store(made)
    spentMs += performance.now() - startedAtMs
    rows += made.length
  }
  return (rows / spentMs) * 1000
})
await storage.close()
process.stdout.write(String(rowsPerSecond))
