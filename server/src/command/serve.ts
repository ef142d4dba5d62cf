import { createServer } from '../app.ts'
import type { Config } from '../config.ts'
import { listen } from '../lifecycle.ts'
import { openStorage, placeOf, SERVING } from '../open-storage.ts'
import { createLog } from '../platform/log.ts'
import { boundYoungMemory } from '../platform/young-memory.ts'
import { readOrCreateSecret } from '../secret.ts'
import type { SiteAdmin } from '../sites/ports.ts'
import type { Terminal } from './terminal.ts'

export interface Serving {
  readonly url: string
  /** Of the site `default`; undefined when all of its keys are revoked. */
  readonly publishableKey: string | undefined
  readonly sites: SiteAdmin
  /** Answers what was taken, writes it out and lets go of the database. */
  close(): Promise<void>
}

async function findDefaultKey(sites: SiteAdmin): Promise<string | undefined> {
  const keys = await sites.listKeys('default')
  return (
    keys.find(({ kind, revokedAtMs }) => kind === 'publishable' && revokedAtMs === null)?.value ?? undefined
  )
}

/**
 * A whole server on its address, after its secret, its database and its first site were made.
 *
 * @param writeLog takes the lines of the log, JSON each
 * @throws ConfigError when the secret file is not fit; the system's error when address or database cannot be had
 */
export async function startServing(config: Config, writeLog: (line: string) => void): Promise<Serving> {
  const secret = await readOrCreateSecret(config.DATA_DIR, config.SESSION_SECRET)
  const storage = await openStorage(config.DATABASE_URL, config.DATA_DIR, SERVING)
  try {
    const log = createLog(config.LOG_LEVEL, { write: (line) => writeLog(line.trimEnd()) })
    const server = await createServer({ storage, nowMs: Date.now, log, secret, config })
    // With another secret than the database was made with, every log-in would fail: said now, not to the first visitor.
    await server.rooms.tokens.jwks()
    const listening = await listen(server.handler, { host: config.HOST, port: config.PORT })
    server.rooms.jobs.start()
    const letYoungMemoryGrow = boundYoungMemory()
    return {
      url: listening.url,
      sites: server.rooms.sites,
      publishableKey: await findDefaultKey(server.rooms.sites),
      // In this order: what was taken is answered, then written out, then the database goes.
      async close() {
        await listening.close()
        letYoungMemoryGrow()
        await server.close()
        await storage.close()
      },
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

function greet({ print }: Terminal, config: Config, { url: localUrl, publishableKey }: Serving): void {
  const place = placeOf(config.DATABASE_URL, config.DATA_DIR)
  const url = config.PUBLIC_URL ?? localUrl
  const key = publishableKey ?? 'pk_… (none in use: helloagain keys create default)'
  print('')
  print(`  Hello Again listens on ${localUrl}`)
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
  const serving = await startServing(config, terminal.complain)
  greet(terminal, config, serving)
  await stopped
  await serving.close()
  return 0
}
