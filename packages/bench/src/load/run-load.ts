import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadResult } from './client.ts'

export interface Load {
  readonly url: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON; `@ID@` becomes a UUIDv7, a new one each time. */
  readonly body: string
  /** @default 64 */
  readonly connections?: number
  /** @default 4000 */
  readonly durationMs?: number
}

/** Runs a bounded load on a loopback server from a process of its own. */
export async function runLoad({
  url,
  path,
  headers,
  body,
  connections,
  durationMs,
}: Load): Promise<LoadResult> {
  const { hostname, port } = new URL(url)
  const order = {
    host: hostname,
    port: Number(port),
    path,
    headers: headers ?? {},
    body,
    connections: connections ?? 64,
    durationMs: durationMs ?? 4000,
  }
  const client = fileURLToPath(new URL('client.ts', import.meta.url))
  const child = spawn(process.execPath, [client, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  for await (const chunk of child.stdout) output += String(chunk)
  return JSON.parse(output) as LoadResult
}
