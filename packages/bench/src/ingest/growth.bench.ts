import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { createEmbeddedServer } from '../../../../server/src/platform/storage/postgres/embedded-server.ts'
import { type LoadResult, rateOf, runLoad } from '../load/run-load.ts'
import { atLeast, type Finding, median, noFailures } from '../measure.ts'
import { bundleServer } from './bundle.ts'
import { makeFolder, type RunningServer, startOurs } from './processes.ts'
import { openSession, sendsEvents } from './visitor.ts'

const STORED = 10_000_000
const ROUNDS = 5
const BATCH = 100
const VISITORS = 64

const run = promisify(execFile)

async function fill(kind: 'postgres' | 'sqlite', place: string): Promise<void> {
  await run(process.execPath, [await bundleServer('fill'), kind, place, String(STORED)])
}

/** Single events and batches in turn, of many visitors. */
async function createLoads(server: RunningServer) {
  const visitors = await Promise.all(Array.from({ length: VISITORS }, () => openSession(server.url)))
  const load = (count: number) => (durationMs?: number) =>
    runLoad({
      url: server.url,
      path: '/api/events',
      callers: visitors.map((visitor) => sendsEvents(visitor, count)),
      ...(durationMs !== undefined && { durationMs }),
    })
  return { single: load(1), batch: load(BATCH) }
}

interface Rates {
  readonly single: LoadResult[]
  readonly batch: LoadResult[]
}

/** What a full server does in turn with an empty one. */
async function compare(name: string, empty: RunningServer, full: RunningServer): Promise<Finding[]> {
  const servers = [
    { loads: await createLoads(empty), rates: { single: [], batch: [] } as Rates },
    { loads: await createLoads(full), rates: { single: [], batch: [] } as Rates },
  ]
  for (const { loads } of servers) await loads.single(1500)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { loads, rates } of servers) {
      rates.single.push(await loads.single())
      rates.batch.push(await loads.batch())
    }
  }
  const [before, after] = servers.map(({ rates }) => ({
    single: median(rates.single.map(rateOf)),
    batch: median(rates.batch.map(rateOf)),
  }))
  if (!before || !after) throw new Error('Two servers were to be measured.')
  return [
    atLeast(
      `${name}, single events at 10 M stored against an empty store`,
      after.single / before.single,
      0.8,
    ),
    atLeast(`${name}, batches of ${BATCH}, the same`, after.batch / before.batch, 0.8),
    noFailures(servers.flatMap(({ rates }) => [...rates.single, ...rates.batch])),
  ]
}

/** Whether a SQLite file that holds 10 M events of 90 days takes new ones as fast as an empty one. */
export async function benchGrowth(): Promise<Finding[]> {
  const folder = await makeFolder()
  try {
    await fill('sqlite', folder)
    const empty = await startOurs()
    const full = await startOurs({ folder })
    try {
      return await compare('SQLite', empty, full)
    } finally {
      await full.stop()
      await empty.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same on PostgreSQL. */
export async function benchPostgresGrowth(): Promise<Finding[]> {
  const stores = [
    await createEmbeddedServer({ isKept: false, isDurable: true }),
    await createEmbeddedServer({ isKept: false, isDurable: true }),
  ] as const
  const [empty, full] = stores
  await Promise.all(stores.map((store) => store.start()))
  try {
    await fill('postgres', full.url)
    const before = await startOurs({ databaseUrl: empty.url })
    const after = await startOurs({ databaseUrl: full.url })
    try {
      return await compare('PostgreSQL', before, after)
    } finally {
      await after.stop()
      await before.stop()
    }
  } finally {
    for (const store of stores) await store.stop()
  }
}
