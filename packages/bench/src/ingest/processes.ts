import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface RunningServer {
  readonly url: string
  stop(): Promise<void>
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Resolves with the address a child prints; rejects with its output when it ends first. */
function readAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const take = (chunk: Buffer) => {
      output += String(chunk)
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
      if (address) resolve(address)
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}.\n${output}`)))
  })
}

async function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<RunningServer> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'pipe' })
  const url = await readAddress(child)
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

export const startFloor = (): Promise<RunningServer> => start([file('floor.ts')], {})

/** The real server as a user starts it: its own process, a SQLite file, the default durability. */
export async function startOurs(): Promise<RunningServer> {
  const data = await mkdtemp(join(tmpdir(), 'helloagain-bench-'))
  const server = await start([file('ours.ts'), data], {})
  return {
    url: server.url,
    stop: async () => {
      await server.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}
