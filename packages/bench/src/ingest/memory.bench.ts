import { rateOf, runLoad } from '../load/run-load.ts'
import { atMost, type Finding, median, noFailures } from '../measure.ts'
import { type RunningServer, startOurs } from './processes.ts'
import { openSession, sendsEvents } from './visitor.ts'

const EVENTS = 1_000_000
const SAMPLE_EVERY_MS = 10_000
const STEADY_MS = 600_000
/** Little enough that the server keeps up while other work goes on beside it. */
const STEADY_PER_SECOND = 2000
/** Of many visitors: one session alone would be the easiest thing to remember. */
const VISITORS = 64
/** Less than the noise of one collection of garbage; a leak of ten bytes a request is beyond it. */
const STEADY_MIB_PER_MINUTE = 1

interface Sample {
  readonly atMs: number
  readonly miB: number
}

/** Runs a load and looks at the server's memory all the while. */
async function watch<T>(server: RunningServer, load: Promise<T>): Promise<{ result: T; samples: Sample[] }> {
  const startedAtMs = performance.now()
  const samples: Sample[] = []
  const timer = setInterval(
    () => samples.push({ atMs: performance.now() - startedAtMs, miB: server.memoryMiB() }),
    SAMPLE_EVERY_MS,
  )
  try {
    return { result: await load, samples }
  } finally {
    clearInterval(timer)
  }
}

/** Least squares, MiB a minute. */
function slopePerMinute(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const atMs = mean(samples.map((sample) => sample.atMs))
  const miB = mean(samples.map((sample) => sample.miB))
  const above = samples.map((sample) => (sample.atMs - atMs) * (sample.miB - miB))
  const below = samples.map((sample) => (sample.atMs - atMs) ** 2)
  return (mean(above) / mean(below)) * 60_000
}

/** What the server holds after a million events, and whether ten minutes of load add to it. */
export async function benchMemory(): Promise<Finding[]> {
  const ours = await startOurs()
  try {
    const visitors = await Promise.all(Array.from({ length: VISITORS }, () => openSession(ours.url)))
    const single = { url: ours.url, path: '/api/events', callers: visitors.map((one) => sendsEvents(one)) }
    const most = await runLoad(single)
    let sent = most.requests
    const peaks: number[] = [ours.memoryMiB()]
    while (sent < EVENTS) {
      sent += (await runLoad({ ...single, durationMs: 10_000 })).requests
      peaks.push(ours.memoryMiB())
    }
    const after = ours.memoryMiB()
    const load = runLoad({ ...single, durationMs: STEADY_MS, perSecond: STEADY_PER_SECOND })
    const { result, samples } = await watch(ours, load)
    // The first minutes fill caches that are meant to be filled.
    const steady = samples.filter(({ atMs }) => atMs > STEADY_MS / 5)
    const half = steady.length >> 1
    const levels = [steady.slice(0, half), steady.slice(half)].map((part) =>
      median(part.map(({ miB }) => miB)).toFixed(0),
    )
    return [
      atMost('memory after 1 M single events at full rate, RSS', after, { most: 200, unit: 'MiB' }),
      { what: '… the most of them all', value: `${Math.max(...peaks).toFixed(0)} MiB`, bar: '' },
      {
        what: `memory over ten minutes of ${rateOf(result).toFixed(0)} events/s, median of the first and the last half`,
        value: `${levels.join(' and ')} MiB`,
        bar: '',
      },
      atMost('… growth by least squares', slopePerMinute(steady), {
        most: STEADY_MIB_PER_MINUTE,
        unit: 'MiB a minute',
      }),
      noFailures([result]),
    ]
  } finally {
    await ours.stop()
  }
}
