import { rm } from 'node:fs/promises'
import { type LoadResult, rateOf, runLoad } from '../load/run-load.ts'
import { atLeast, atMost, type Finding, median, noFailures } from '../measure.ts'
import { makeFolder, type RunningServer, startFloor, startOurs } from './processes.ts'
import { runCeiling } from './run-ceiling.ts'
import { openSession, sendsEvents, type Visitor } from './visitor.ts'

const ROUNDS = 5
const BATCH = 100
const PATH = '/api/events'

interface Single {
  readonly floor: number[]
  readonly ours: LoadResult[]
  readonly oneByOne: LoadResult[]
}

interface Contest {
  readonly floor: RunningServer
  readonly ours: RunningServer
  readonly oneByOne: RunningServer
}

const single = (server: RunningServer, visitor: Visitor, durationMs = 4000) =>
  runLoad({ url: server.url, path: PATH, callers: [sendsEvents(visitor)], durationMs })

async function alternate({ floor, ours, oneByOne }: Contest): Promise<Single> {
  const visitor = await openSession(ours.url)
  const other = await openSession(oneByOne.url)
  for (const server of [floor, ours]) await single(server, visitor, 1500)
  await single(oneByOne, other, 1500)
  const results: Single = { floor: [], ours: [], oneByOne: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    results.floor.push(rateOf(await single(floor, visitor)))
    results.ours.push(await single(ours, visitor))
    results.oneByOne.push(await single(oneByOne, other, 2000))
  }
  return results
}

/** Requests due at half of the rate that was the most: how long one of them takes then. */
async function paced(ours: RunningServer, most: number): Promise<Finding> {
  const callers = [sendsEvents(await openSession(ours.url))]
  const p99: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const load = { url: ours.url, path: PATH, callers, durationMs: 6000, perSecond: most / 2 }
    p99.push((await runLoad(load)).latencyMs.p99)
  }
  return atMost('p99 at half of that rate', median(p99), { most: 25, unit: 'ms' })
}

async function benchSingle(): Promise<Finding[]> {
  const floor = await startFloor()
  const ours = await startOurs()
  const oneByOne = await startOurs({ commits: 'one by one' })
  try {
    const results = await alternate({ floor, ours, oneByOne })
    const bare = median(results.floor)
    const most = median(results.ours.map(rateOf))
    const alone = median(results.oneByOne.map(rateOf))
    return [
      { what: 'bare node:http, parse and answer JSON, requests/s', value: bare.toFixed(0), bar: '' },
      {
        what: 'POST /api/events, one event, durable, SQLite, requests/s',
        value: most.toFixed(0),
        bar: '',
      },
      atLeast('… as a share of bare node:http', most / bare, 0.5),
      atLeast('… against the same server with one commit a request', most / alone, 4),
      noFailures([...results.ours, ...results.oneByOne]),
      await paced(ours, most),
    ]
  } finally {
    await oneByOne.stop()
    await ours.stop()
    await floor.stop()
  }
}

async function benchBatches(): Promise<Finding[]> {
  const folder = await makeFolder()
  const ours = await startOurs()
  try {
    const callers = [sendsEvents(await openSession(ours.url), BATCH)]
    const load = (durationMs: number) => runLoad({ url: ours.url, path: PATH, callers, durationMs })
    await load(1500)
    const ceilings: number[] = []
    const results: LoadResult[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      ceilings.push(await runCeiling('sqlite', folder, { batch: BATCH }))
      results.push(await load(4000))
    }
    const most = median(results.map(rateOf)) * BATCH
    return [
      {
        what: `better-sqlite3 alone, ${BATCH} rows a commit, same table and indexes, rows/s`,
        value: median(ceilings).toFixed(0),
        bar: '',
      },
      { what: `POST /api/events, batches of ${BATCH}, SQLite, events/s`, value: most.toFixed(0), bar: '' },
      atLeast('… as a share of better-sqlite3 alone', most / median(ceilings), 0.6),
      noFailures(results),
    ]
  } finally {
    await ours.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Durable events on SQLite: one a request against a bare `node:http` server, batches against better-sqlite3 alone. */
export const benchIngest = async (): Promise<Finding[]> => [
  ...(await benchSingle()),
  ...(await benchBatches()),
]
