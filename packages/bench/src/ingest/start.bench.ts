import { rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { atMost, type Finding, median } from '../measure.ts'
import { bundleServer } from './bundle.ts'
import { makeFolder, startProgram } from './processes.ts'

const ROUNDS = 7
/** After its start a server has garbage of the start to collect, and does so when it wants. */
const IDLE_AFTER_MS = 5000

interface Start {
  readonly readyMs: number
  readonly idleMiB: number
}

/** `helloagain serve` in an empty folder, until its ready check is green. */
async function startOnce(program: string): Promise<Start> {
  const folder = await makeFolder()
  // Nothing of this process's environment: a DATABASE_URL of the developer's must not be written to.
  const startedAtMs = performance.now()
  const server = await startProgram([program, 'serve', '--port', '0'], { DATA_DIR: folder })
  try {
    const ready = await fetch(`${server.url}/readyz`)
    const readyMs = performance.now() - startedAtMs
    if (!ready.ok) throw new Error(`/readyz answered ${ready.status}.`)
    await wait(IDLE_AFTER_MS)
    return { readyMs, idleMiB: server.memoryMiB() }
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A start on an empty SQLite database, and what the server holds while nobody asks it anything. */
export async function benchStart(): Promise<Finding[]> {
  const program = await bundleServer('main')
  const starts: Start[] = []
  for (let round = 0; round < ROUNDS; round += 1) starts.push(await startOnce(program))
  return [
    atMost('cold start to ready, empty SQLite', median(starts.map(({ readyMs }) => readyMs)), {
      most: 1000,
      unit: 'ms',
    }),
    atMost('memory when idle, RSS', median(starts.map(({ idleMiB }) => idleMiB)), { most: 120, unit: 'MiB' }),
  ]
}
