// The whole server as an operator runs it, with its default durability; only the rate limits are out of the way,
// because one load client is one address. `node ours.mjs <data folder> [database url]`. Prints its address.
import { createServer } from '../../../../server/src/app.ts'
import { readConfig } from '../../../../server/src/config.ts'
import { DEFAULT_LIMITS } from '../../../../server/src/gateway/limits.ts'
import { listen } from '../../../../server/src/lifecycle.ts'
import { openStorage } from '../../../../server/src/open-storage.ts'
import { createLog } from '../../../../server/src/platform/log.ts'
import { boundYoungMemory } from '../../../../server/src/platform/young-memory.ts'

const [dataFolder = '.', databaseUrl] = process.argv.slice(2)
const limits = Object.fromEntries(
  Object.keys(DEFAULT_LIMITS).map((name) => [name, { points: 1e12, perSeconds: 60 }]),
)
const storage = await openStorage(databaseUrl, dataFolder)
const server = await createServer({
  storage,
  nowMs: Date.now,
  log: createLog('warn', { write: (line) => void process.stderr.write(line) }),
  secret: 'bench-only-0123456789-abcdefghijklmno',
  config: readConfig({}),
  limits,
})
boundYoungMemory()
const { url, close } = await listen(server.handler, { host: '127.0.0.1', port: 0 })
process.stdout.write(`listening on ${url}\n`)
process.once('SIGTERM', async () => {
  await close()
  await server.close()
  await storage.close()
  process.exit(0)
})
