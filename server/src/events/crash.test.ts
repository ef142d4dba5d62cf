import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest'
import { type Served, startServe } from '../testing/command-line.ts'
import { createEventLoad } from '../testing/event-load.ts'

// Processes: slow on a busy machine.
vi.setConfig({ testTimeout: 300_000 })

const CONNECTIONS = 8
/** `pnpm test:deep` kills more often. */
const KILLS = inject('propertyFactor') > 1 ? 20 : 3

let folder: string
let served: Served | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crash-'))
})
afterEach(async () => {
  await served?.stop('SIGKILL')
  served = undefined
  await rm(folder, { recursive: true })
})

function readStored() {
  const file = new BetterSqlite3(join(folder, 'data', 'helloagain.sqlite'), { readonly: true })
  try {
    return {
      integrity: file.pragma('integrity_check', { simple: true }),
      ids: file.prepare<[], string>('SELECT event_id FROM event_logs').pluck().all(),
      proven: file.prepare('SELECT count(*) FROM event_logs WHERE is_proven = 1').pluck().get(),
      counted: file.prepare('SELECT coalesce(sum(event_count), 0) FROM visits').pluck().get(),
    }
  } finally {
    file.close()
  }
}

it(`keeps every acknowledged event, and none twice, through ${KILLS} kills under load`, async () => {
  const load = createEventLoad(CONNECTIONS)
  for (let kill = 0; kill < KILLS; kill += 1) {
    served = await startServe({ folder, env: { LOG_LEVEL: 'error' } })
    const { url, publishableKey, child } = served
    const killed = served.stop.bind(served, 'SIGKILL')
    // Well within the limits of a session and an address, which a new process counts anew.
    const killAt = load.acknowledged.size + randomInt(50, 500)
    await load.run({
      url,
      publishableKey,
      // Whichever connection sees the number first kills, while the others have requests under way.
      isOver: () => {
        if (load.acknowledged.size >= killAt && !child.killed) child.kill('SIGKILL')
        return child.killed && child.signalCode !== null
      },
    })
    await killed()
  }

  served = await startServe({ folder, env: { LOG_LEVEL: 'error' } })
  const { integrity, ids } = readStored()
  expect(integrity).toBe('ok')
  const kept = new Set(ids)
  expect([...load.acknowledged].filter((id) => !kept.has(id))).toEqual([])
  expect(load.acknowledged.size).toBeGreaterThanOrEqual(KILLS * 50)
  // The kills have met requests under way.
  expect(load.refusals.get('lost')).toBeGreaterThanOrEqual(KILLS)

  expect(await load.settle(served)).toBe(0)
  expect((await served.stop()).code).toBe(0)
  const after = readStored()
  expect(after.ids.toSorted()).toEqual([...load.sent].toSorted())
  expect(load.acknowledged.size).toBe(load.sent.size)
  // What counts events was committed with them.
  expect(after.counted).toBe(after.proven)
  expect(after.integrity).toBe('ok')
})
