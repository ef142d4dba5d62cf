import type { LoadResult } from '../load/client.ts'
import { runLoad } from '../load/run-load.ts'
import { type Finding, median } from '../measure.ts'
import { type RunningServer, startFloor, startOurs } from './processes.ts'

const ROUNDS = 5
const MIN_RATIO = 0.35

const body = (sessionId: string) =>
  JSON.stringify({
    sessionId,
    sentAt: new Date().toISOString(),
    events: [
      {
        eventId: '@ID@',
        seq: 1,
        eventType: 'CONTENT_CLICK',
        payload: { page: '/products/monstera', content: 'add-to-basket', quantity: 1 },
        timestamp: new Date().toISOString(),
      },
    ],
  })

async function openSession(url: string): Promise<{ sessionId: string; cookie: string }> {
  const response = await fetch(`${url}/api/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"consent":{"choice":"granted"}}',
  })
  const answer = (await response.json()) as { session: { sessionId: string } }
  return {
    sessionId: answer.session.sessionId,
    cookie: response.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; '),
  }
}

const rate = ({ requests, seconds }: LoadResult) => requests / seconds

async function alternate(
  floor: RunningServer,
  ours: RunningServer,
): Promise<{ floor: number[]; ours: LoadResult[] }> {
  const { sessionId, cookie } = await openSession(ours.url)
  const load = (url: string, durationMs = 4000) =>
    runLoad({ url, path: '/api/events', headers: { Cookie: cookie }, body: body(sessionId), durationMs })
  await load(floor.url, 1500)
  await load(ours.url, 1500)
  const results = { floor: [] as number[], ours: [] as LoadResult[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    results.floor.push(rate(await load(floor.url)))
    results.ours.push(await load(ours.url))
  }
  return results
}

/** One durable event a request against a bare `node:http` server, alternating in one run. */
export async function benchIngest(): Promise<Finding[]> {
  const floor = await startFloor()
  const ours = await startOurs()
  try {
    const results = await alternate(floor, ours)
    const ratio = median(results.ours.map(rate)) / median(results.floor)
    const failures = results.ours.reduce((sum, { failures: count }) => sum + count, 0)
    const p99 = median(results.ours.map(({ latencyMs }) => latencyMs.p99))
    return [
      {
        what: 'bare node:http, parse and answer JSON, requests/s',
        value: median(results.floor).toFixed(0),
        bar: '',
      },
      {
        what: 'POST /api/events, one event, durable, SQLite, requests/s',
        value: median(results.ours.map(rate)).toFixed(0),
        bar: '',
      },
      {
        what: '… as a share of bare node:http',
        value: `${ratio.toFixed(2)} ×`,
        bar: `≥ ${MIN_RATIO} ×`,
        isReached: ratio >= MIN_RATIO && failures === 0,
      },
      { what: '… answers that were no 2xx', value: String(failures), bar: '0', isReached: failures === 0 },
      { what: '… p99 at the maximum rate, 64 connections', value: `${p99.toFixed(1)} ms`, bar: '' },
    ]
  } finally {
    await ours.stop()
    await floor.stop()
  }
}
