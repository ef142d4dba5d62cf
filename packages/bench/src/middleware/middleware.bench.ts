import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { type Finding, percentile } from '../measure.ts'
import { openLookup } from './lookup.ts'
import { createRequestForBench } from './request.ts'

const RUNS = 20_000
const WARM_UP = 5_000

/** Microseconds of the middle lookup, over fresh requests each time (the request cache would answer otherwise). */
function timeLookups(
  make: (run: number) => IncomingMessage,
  find: (request: IncomingMessage) => unknown,
): number {
  const took: number[] = []
  for (let run = 0; run < RUNS + WARM_UP; run += 1) {
    const request = make(run)
    const startedAt = process.hrtime.bigint()
    find(request)
    if (run >= WARM_UP) took.push(Number(process.hrtime.bigint() - startedAt) / 1000)
  }
  return percentile(took, 0.5)
}

const held = (what: string, us: number, most: number): Finding => ({
  what,
  value: `${us.toFixed(1)} µs`,
  bar: `≤ ${most} µs`,
  isReached: us <= most,
})

/** The four-tier fingerprint lookup, in process, on requests as Node makes them. */
export async function benchMiddleware(): Promise<Finding[]> {
  const lookup = openLookup()
  const socket = new Socket()
  const withHeader = (run: number) =>
    createRequestForBench(socket, {
      'x-device-fingerprint': createHash('md5').update(String(run)).digest('hex'),
    })
  const bare = () => createRequestForBench(socket, {})
  try {
    return [
      held('fingerprint lookup, header tier, p50', timeLookups(withHeader, lookup.find), 20),
      held('fingerprint lookup, generated tier, p50', timeLookups(bare, lookup.find), 100),
    ]
  } finally {
    lookup.stop()
    socket.destroy()
  }
}
