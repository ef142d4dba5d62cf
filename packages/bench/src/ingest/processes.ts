import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleServer } from './bundle.ts'

export interface RunningServer {
  readonly url: string
  /** Memory it holds now, in MiB, as the system counts it (RSS). */
  memoryMiB(): number
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

const residentMiB = (pid: number | undefined) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024

/** A program that prints its address once it listens. */
export async function startProgram(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunningServer> {
  const child = spawn(process.execPath, args, { env, stdio: 'pipe' })
  const url = await readAddress(child)
  return {
    url,
    memoryMiB: () => residentMiB(child.pid),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

export const startFloor = (): Promise<RunningServer> => startProgram([file('floor.ts')])

export interface Ours {
  /** @default a SQLite file in a folder of its own */
  readonly databaseUrl?: string
  /** @default a new one, deleted with the server */
  readonly folder?: string
  readonly commits?: 'one by one' | 'together'
}

/** The real server, built: its own process, the default durability. */
export async function startOurs({ databaseUrl, folder, commits }: Ours = {}): Promise<RunningServer> {
  const data = folder ?? (await makeFolder())
  const args = [await bundleServer('ours', commits), data, ...(databaseUrl ? [databaseUrl] : [])]
  const server = await startProgram(args)
  return {
    ...server,
    async stop() {
      await server.stop()
      if (folder === undefined) await rm(data, { recursive: true, force: true })
    },
  }
}

export const makeFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'helloagain-bench-'))
