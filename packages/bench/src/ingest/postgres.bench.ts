import { createEmbeddedServer } from '../../../../server/src/platform/storage/postgres/embedded-server.ts'
import { type LoadResult, rateOf, runLoad } from '../load/run-load.ts'
import { atLeast, type Finding, median, noFailures } from '../measure.ts'
import { startOurs } from './processes.ts'
import { runCeiling } from './run-ceiling.ts'
import { openSession, sendsEvents } from './visitor.ts'

const ROUNDS = 5
const BATCH = 100
/** As many rows as the server puts into one statement under this load, about. */
const CEILING_BATCH = 1000
/** The most it was seen to take, one event a request, on two cores; it does not run beside us. */
const UMAMI_PER_SECOND = 409

const PATH = '/api/events'

/** The same on PostgreSQL: batches against one `unnest` after the other, single events against umami. */
export async function benchPostgres(): Promise<Finding[]> {
  const postgres = await createEmbeddedServer({ isKept: false, isDurable: true })
  await postgres.start()
  const ours = await startOurs({ databaseUrl: postgres.url })
  try {
    const visitor = await openSession(ours.url)
    const load = (count: number, durationMs = 4000) =>
      runLoad({ url: ours.url, path: PATH, callers: [sendsEvents(visitor, count)], durationMs })
    await load(1, 1500)
    await load(BATCH, 1500)
    const ceilings: number[] = []
    const batches: LoadResult[] = []
    const singles: LoadResult[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      ceilings.push(await runCeiling('postgres', postgres.url, { batch: CEILING_BATCH }))
      batches.push(await load(BATCH))
      singles.push(await load(1))
    }
    const most = median(batches.map(rateOf)) * BATCH
    const single = median(singles.map(rateOf))
    return [
      {
        what: `PostgreSQL, unnest of ${CEILING_BATCH} rows after each other, same table and indexes, rows/s`,
        value: median(ceilings).toFixed(0),
        bar: '',
      },
      {
        what: `POST /api/events, batches of ${BATCH}, PostgreSQL, events/s`,
        value: most.toFixed(0),
        bar: '',
      },
      atLeast('… as a share of the unnest ceiling', most / median(ceilings), 0.7),
      {
        what: 'POST /api/events, one event, durable, PostgreSQL, requests/s',
        value: single.toFixed(0),
        bar: '',
      },
      atLeast(
        `… against umami 3.1, ${UMAMI_PER_SECOND}/s (measured apart, on two cores of another day)`,
        single / UMAMI_PER_SECOND,
        20,
      ),
      noFailures([...batches, ...singles]),
    ]
  } finally {
    await ours.stop()
    await postgres.stop()
  }
}
