// The whole server on a SQLite file, with its default durability. Only the rate limits are out of the way:
// one load client is one address. Prints its address.
import { openStorage } from '../../../../server/src/open-storage.ts'
import { startServer } from '../../../../server/src/testing/start-server.ts'

const storage = await openStorage(undefined, process.argv[2] ?? '.')
const server = await startServer({ storage })
process.stdout.write(`listening on ${server.url}\n`)
process.once('SIGTERM', async () => {
  await server.close()
  await storage.close()
  process.exit(0)
})
