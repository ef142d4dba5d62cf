import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Somebody who sends the same request over and over. */
export interface Caller {
  readonly headers: Readonly<Record<string, string>>
  /** JSON; `@ID@` becomes a UUIDv7, a new one each time. */
  readonly body: string
}

interface Shape {
  readonly path: string
  /** Connections take them in turn. */
  readonly callers: readonly Caller[]
  readonly connections: number
  readonly durationMs: number
  /** Requests are due at this rate; without it each follows the answer before. */
  readonly perSecond?: number
}

export interface LoadOrder extends Shape {
  readonly host: string
  readonly port: number
}

export interface Load extends Pick<Shape, 'callers' | 'path' | 'perSecond'> {
  readonly url: string
  /** @default 64 */
  readonly connections?: number
  /** @default 4000 */
  readonly durationMs?: number
}

export interface LoadResult {
  readonly requests: number
  /** Answers that were no 2xx, and connections that broke. */
  readonly failures: number
  readonly seconds: number
  readonly latencyMs: { readonly p50: number; readonly p99: number }
}

export const rateOf = ({ requests, seconds }: LoadResult): number => requests / seconds

/** Runs a bounded load on a loopback server from a process of its own. */
export async function runLoad({ url, ...shape }: Load): Promise<LoadResult> {
  const { hostname, port } = new URL(url)
  const order: LoadOrder = { connections: 64, durationMs: 4000, ...shape, host: hostname, port: Number(port) }
  const client = fileURLToPath(new URL('client.ts', import.meta.url))
  const child = spawn(process.execPath, [client], { stdio: ['pipe', 'pipe', 'inherit'] })
  // Not as an argument: the batches of many callers are too large for one.
  child.stdin.end(JSON.stringify(order))
  let output = ''
  for await (const chunk of child.stdout) output += String(chunk)
  return JSON.parse(output) as LoadResult
}
