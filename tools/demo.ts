// The demo: server and storefront on this machine, on SQLite in data/demo. Ctrl-C ends both.
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './ensure-built.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const PORTS_TO_TRY = 50

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

async function findFreePort(from: number): Promise<number> {
  for (let port = from; port < from + PORTS_TO_TRY; port += 1) {
    if (await isFree(port)) return port
  }
  throw new Error(`No free port from ${from} to ${from + PORTS_TO_TRY - 1}.`)
}

ensureBuilt(['protocol', 'recognition', 'browser', 'storefront'], console.log)

// Only now: these read what was built.
const { readConfig } = await import('../server/src/config.ts')
const { startServing } = await import('../server/src/command/serve.ts')
const { startStorefront } = await import('../e2e/storefront/server.ts')

const config = readConfig({
  PORT: String(await findFreePort(4400)),
  DATA_DIR: join(root, 'data', 'demo'),
  LOG_LEVEL: 'warn',
})
const server = await startServing(config, (line) => console.error(line))
const storefront = await startStorefront({
  port: await findFreePort(Math.max(4401, config.PORT + 1)),
  serverUrl: server.url,
  siteKey: server.publishableKey ?? '',
})
await server.sites.addOrigin('default', storefront.url)

console.log(`
  The demo runs. Leave a quiz or a form, close the browser, come back.

    Shop         ${storefront.url}
    Server       ${server.url}
    Site key     ${server.publishableKey}
    Data         data/demo (delete it to start afresh)

  Ctrl-C ends it.
`)

let isEnding = false
async function end(): Promise<void> {
  if (isEnding) process.exit(130)
  isEnding = true
  await storefront.close()
  await server.close()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end())
