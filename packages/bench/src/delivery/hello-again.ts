import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

/** The real server as a user starts it: its own process, SQLite, everything by default. */
export interface HelloAgain {
  readonly url: string
  readonly siteKey: string
  /** Each event in its database whose marker holds this, as often as it is stored. */
  listStored(markerPart: string): string[]
  stop(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../../../../server/dist/main.js', import.meta.url))

/** @throws Error with what it said, when it does not start */
async function greeted(child: ChildProcess): Promise<{ url: string; siteKey: string }> {
  let output = ''
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The server ended with ${code}.\n${output}`)
  })
  const listening = new Promise<{ url: string; siteKey: string }>((resolve) => {
    const take = (chunk: Buffer) => {
      output += String(chunk)
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
      const siteKey = /pk_[\w-]+/.exec(output)?.[0]
      if (url && siteKey) resolve({ url, siteKey })
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
  })
  return Promise.race([listening, ended])
}

/** Starts it on a fresh database, for pages of `origin`. */
export async function startHelloAgain(origin: string): Promise<HelloAgain> {
  const data = await mkdtemp(join(tmpdir(), 'helloagain-delivery-'))
  const env = {
    ...process.env,
    DATA_DIR: data,
    DATABASE_URL: '',
    PORT: '0',
    TRUST_PROXY: 'loopback',
    LOG_LEVEL: 'warn',
  }
  const run = (args: readonly string[]) => spawn(process.execPath, [MAIN, ...args], { env, stdio: 'pipe' })
  // Before it starts: a running server knows of a new origin only after two seconds.
  const [code] = await once(run(['sites', 'origins', 'default', '--add', origin]), 'exit')
  if (code !== 0) throw new Error(`The origin could not be added: ${code}.`)
  const child = run(['serve'])
  const { url, siteKey } = await greeted(child)
  const database = new DatabaseSync(join(data, 'helloagain.sqlite'), { readOnly: true })
  const query = database.prepare(
    "SELECT json_extract(payload, '$.marker') AS marker FROM event_logs WHERE instr(payload, ?) > 0",
  )
  return {
    url,
    siteKey,
    listStored: (markerPart) => query.all(markerPart).map(({ marker }) => String(marker)),
    async stop() {
      database.close()
      child.removeAllListeners('exit')
      child.kill('SIGTERM')
      await once(child, 'exit')
      await rm(data, { recursive: true, force: true })
    },
  }
}
