import { createServer } from '../app.ts'
import type { Config } from '../config.ts'
import { type Listening, listen } from '../lifecycle.ts'
import { openStorage, placeOf } from '../open-storage.ts'
import { createLog } from '../platform/log.ts'
import { readOrCreateSecret } from '../secret.ts'
import type { SiteAdmin } from '../sites/ports.ts'
import { createSites } from '../sites/service.ts'
import { createSiteStore } from '../sites/store.ts'
import type { Terminal } from './terminal.ts'

interface Running {
  readonly listening: Listening
  readonly publishableKey: string | undefined
  close(): Promise<void>
}

async function findDefaultKey(sites: SiteAdmin): Promise<string | undefined> {
  const keys = await sites.listKeys('default')
  return (
    keys.find(({ kind, revokedAtMs }) => kind === 'publishable' && revokedAtMs === null)?.value ?? undefined
  )
}

async function start(config: Config, writeLog: Terminal['complain']): Promise<Running> {
  const secret = await readOrCreateSecret(config.DATA_DIR, config.SESSION_SECRET)
  const storage = await openStorage(config.DATABASE_URL, config.DATA_DIR)
  try {
    const log = createLog(config.LOG_LEVEL, { write: (line) => writeLog(line.trimEnd()) })
    const sites = createSites({ store: createSiteStore(storage), nowMs: Date.now })
    await sites.ensureDefault()
    const server = await createServer({ storage, nowMs: Date.now, log, secret, config })
    const listening = await listen(server.handler, { host: config.HOST, port: config.PORT })
    return {
      listening,
      publishableKey: await findDefaultKey(sites),
      // In this order: what was taken is answered, then written out, then the database goes.
      async close() {
        await listening.close()
        await server.close()
        await storage.close()
      },
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

function greet({ print }: Terminal, config: Config, { listening, publishableKey }: Running): void {
  const place = placeOf(config.DATABASE_URL, config.DATA_DIR)
  const url = config.PUBLIC_URL ?? listening.url
  const key = publishableKey ?? 'pk_… (none in use: helloagain keys create default)'
  print('')
  print(`  Hello Again listens on ${listening.url}`)
  print(`  Data         ${place.engine === 'sqlite' ? `SQLite, ${place.path}` : 'PostgreSQL'}`)
  print(`  Site key     ${key}`)
  print('  Paste this into your pages:')
  print('')
  print(
    `    <script async src="${url}/sdk/v1/helloagain.js" data-site-key="${publishableKey ?? 'pk_…'}"></script>`,
  )
  print('')
}

/** Resolves with the exit code, once a signal has ended the server and everything taken is answered and kept. */
export async function serve(config: Config, terminal: Terminal): Promise<number> {
  const stopped = new Promise<void>((resolve) => {
    let isStopping = false
    terminal.onStop(() => {
      // Somebody who asks twice does not want to wait.
      if (isStopping) terminal.exitNow(130)
      isStopping = true
      resolve()
    })
  })
  const running = await start(config, terminal.complain)
  greet(terminal, config, running)
  await stopped
  await running.close()
  return 0
}
