import { type LoadResult, rateOf, runLoad } from '../load/run-load.ts'
import { atLeast, type Finding, median, noFailures } from '../measure.ts'
import { startFloor, startOurs } from './processes.ts'
import { openSession, opensAgain } from './visitor.ts'

const ROUNDS = 5
/** As many visitors as connections: nobody opens one session from 64 pages at once. */
const VISITORS = 64

/** A session that is there, opened again with its cookie, against a bare `node:http` server. */
export async function benchSessions(): Promise<Finding[]> {
  const floor = await startFloor()
  const ours = await startOurs()
  try {
    const visitors = await Promise.all(Array.from({ length: VISITORS }, () => openSession(ours.url)))
    const callers = visitors.map(opensAgain)
    const load = (url: string, durationMs = 4000) =>
      runLoad({ url, path: '/api/sessions', callers, durationMs })
    await load(floor.url, 1500)
    await load(ours.url, 1500)
    const bare: number[] = []
    const results: LoadResult[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(rateOf(await load(floor.url)))
      results.push(await load(ours.url))
    }
    const most = median(results.map(rateOf))
    return [
      {
        what: 'POST /api/sessions, known session, cookie hit, SQLite, requests/s',
        value: most.toFixed(0),
        bar: '',
      },
      atLeast('… as a share of bare node:http', most / median(bare), 0.3),
      noFailures(results),
    ]
  } finally {
    await ours.stop()
    await floor.stop()
  }
}
