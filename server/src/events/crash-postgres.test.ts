import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest'
import { createEmbeddedServer, type EmbeddedServer } from '../platform/storage/postgres/embedded-server.ts'
import { type Served, startServe } from '../testing/command-line.ts'
import { createEventLoad } from '../testing/event-load.ts'

// Processes: slow on a busy machine.
vi.setConfig({ testTimeout: 300_000 })

const CONNECTIONS = 8
const STOPS = inject('propertyFactor') > 1 ? 10 : 2
/** Within the 600 events a minute of a session, whichever visitor sends most. */
const EVENTS_BETWEEN_STOPS = 150

let folder: string
let postgres: EmbeddedServer
let served: Served | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crash-'))
  postgres = await createEmbeddedServer({ isKept: true })
  await postgres.start()
})
afterEach(async () => {
  await served?.stop('SIGKILL')
  served = undefined
  await postgres.stop()
  await rm(postgres.folder, { recursive: true })
  await rm(folder, { recursive: true })
})

async function readStored(): Promise<{ ids: string[]; proven: number; counted: number; rolledUp: number }> {
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  try {
    const events = await client.query<{ event_id: string; is_proven: boolean }>(
      'SELECT event_id, is_proven FROM event_logs',
    )
    const visits = await client.query<{ counted: string }>('SELECT sum(event_count) AS counted FROM visits')
    const rollups = await client.query<{ counted: string }>(
      'SELECT sum(events) AS counted FROM event_rollups',
    )
    return {
      ids: events.rows.map((row) => row.event_id),
      proven: events.rows.filter((row) => row.is_proven).length,
      counted: Number(visits.rows[0]?.counted),
      rolledUp: Number(rollups.rows[0]?.counted),
    }
  } finally {
    await client.end()
  }
}

it(`keeps every acknowledged event, and none twice, while PostgreSQL stops and starts ${STOPS} times`, async () => {
  served = await startServe({ folder, env: { DATABASE_URL: postgres.url, LOG_LEVEL: 'silent' } })
  const { url, publishableKey } = served
  const readiness = async () => (await fetch(`${url}/readyz`)).status
  const load = createEventLoad(CONNECTIONS)
  let isOver = false
  const running = load.run({ url, publishableKey, isOver: () => isOver }, { isPatient: true })
  const acknowledgeMore = async () => {
    const enough = load.acknowledged.size + EVENTS_BETWEEN_STOPS
    await expect.poll(() => load.acknowledged.size, { timeout: 60_000 }).toBeGreaterThan(enough)
  }

  for (let stop = 0; stop < STOPS; stop += 1) {
    await acknowledgeMore()
    const refused = load.refusals.get('503') ?? 0
    await postgres.stop()
    const acknowledged = load.acknowledged.size
    await expect.poll(() => load.refusals.get('503') ?? 0, { timeout: 30_000 }).toBeGreaterThan(refused)
    expect(await readiness()).toBe(503)
    // Answers of before the stop may still be under way; after them nothing is acknowledged.
    expect(load.acknowledged.size - acknowledged).toBeLessThanOrEqual(CONNECTIONS * 3)
    await postgres.start()
    await expect.poll(readiness, { timeout: 30_000 }).toBe(200)
  }
  await acknowledgeMore()
  isOver = true
  await running
  await expect.poll(() => load.settle({ url, publishableKey }), { timeout: 30_000 }).toBe(0)

  const { ids, proven, counted, rolledUp } = await readStored()
  expect(ids.toSorted()).toEqual([...load.sent].toSorted())
  expect(load.acknowledged.size).toBe(load.sent.size)
  expect(counted).toBe(proven)
  expect(rolledUp).toBe(ids.length)
  // Refused, never dropped, nor answered as a fault of ours; each time with a word on when to come back.
  expect([...load.refusals.keys()].filter((what) => what !== '503' && what !== '429')).toEqual([])
  expect(load.hastyRefusals).toBe(0)
})
