import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { bundleServer } from './bundle.ts'

const run = promisify(execFile)

/** Rows a second that a database stores with nothing around it, in a process of its own. */
export async function runCeiling(
  engine: 'postgres' | 'sqlite',
  place: string,
  { batch, durationMs = 4000 }: { batch: number; durationMs?: number },
): Promise<number> {
  const program = await bundleServer(`${engine}-ceiling`)
  const { stdout } = await run(process.execPath, [program, place, String(batch), String(durationMs)])
  return Number(stdout)
}
