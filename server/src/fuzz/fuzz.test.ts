import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { createDatabase } from '../platform/storage/on-every-engine.ts'
import type { FuzzTarget } from '../testing/fuzz-server.ts'
import { type Answer, exchange, parseAnswers } from './exchange.ts'
import { anyWire } from './request.ts'

// A hundred thousand requests take their time.
vi.setConfig({ testTimeout: 3_600_000 })

const SERVER = fileURLToPath(new URL('../testing/fuzz-server.ts', import.meta.url))
const isDeep = inject('propertyFactor') > 1
/** At once, on connections of their own. */
const BATCH = isDeep ? 40 : 20
/** 125 batches: 2,500 requests; with the factor 20 and batches of 40: 100,000. */
const RUNS = { sqlite: propertyRuns(125), postgres: propertyRuns(12) }
/** Of a heap of about 60 MB; a leak of a few hundred bytes a request is more in a deep run. */
const GROWTH_LIMIT_BYTES = 12 << 20

let folder: string
let child: ChildProcess
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuzz-'))
})
afterEach(async () => {
  const ended = child.exitCode === null ? once(child, 'exit') : undefined
  child.kill('SIGKILL')
  await ended
  await rm(folder, { recursive: true })
})

async function start(engine: 'postgres' | 'sqlite'): Promise<FuzzTarget> {
  const url = engine === 'sqlite' ? `file:${join(folder, 'fuzz.sqlite')}` : await createDatabase()
  child = fork(SERVER, [url], { execArgv: ['--expose-gc'], env: {} })
  const [target] = await once(child, 'message')
  return target as FuzzTarget
}

async function heapBytes(): Promise<number> {
  child.send('heap')
  const [bytes] = await once(child, 'message')
  return bytes as number
}

/** What nobody outside has any use for: stacks, statements, places on our disk. */
const LEAKS =
  /\n\s+at |SQLITE_|\b(?:SELECT|INSERT|UPDATE|DELETE) .*\b(?:FROM|INTO|SET)\b|node_modules|\/src\/|file:\/\//

function judge({ status, headers, body }: Answer): void {
  if (status >= 500) expect([status, body]).toEqual([503, body])
  expect(body).not.toMatch(LEAKS)
  // Node refuses what is no HTTP, and expectations, before we see them: without a body.
  if (status < 400 || (body === '' && !headers.has('x-request-id'))) return
  const envelope = JSON.parse(body || '{}')
  expect(envelope).toMatchObject({
    success: false,
    error: { code: expect.any(String), message: expect.any(String) },
    requestId: expect.stringMatching(/^[\w.-]{1,64}$/),
  })
  expect(headers.get('x-request-id')).toBe(envelope.requestId)
}

const GOOD = JSON.stringify({ events: [{ eventType: 'PAGE_VIEW', payload: { page: '/' } }] })

async function sendGood({ port, keys }: FuzzTarget): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/api/events`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Site-Key': keys[2] ?? '',
      'X-Session-ID': crypto.randomUUID(),
    },
    body: GOOD,
  })
  return response.status
}

describe.each(['sqlite', 'postgres'] as const)('on %s', (engine) => {
  const total = RUNS[engine] * BATCH
  it(`${total} requests, right to hostile: no 5xx but 503, no crash, nothing told, memory flat`, async () => {
    const target = await start(engine)
    const seen = new Map<number, number>()
    const heap: { warm?: number } = {}
    let batches = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyWire(target), { minLength: BATCH, maxLength: BATCH }), async (wires) => {
        const replies = await Promise.all(wires.map((wire) => exchange(target.port, wire)))
        expect(child.exitCode).toBeNull()
        for (const answer of replies.flatMap(parseAnswers)) {
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
          judge(answer)
        }
        batches += 1
        if (batches === Math.ceil(RUNS[engine] / 2)) heap.warm = await heapBytes()
      }),
      { numRuns: RUNS[engine] },
    )
    // The requests have reached what they are about, in good and in bad: 240 are too few to be sure of each.
    const reached = engine === 'sqlite' ? [200, 202, 400] : [400]
    expect([...seen.keys()]).toEqual(expect.arrayContaining(reached))
    expect(await sendGood(target)).toBe(202)
    expect((await heapBytes()) - (heap.warm ?? 0)).toBeLessThan(GROWTH_LIMIT_BYTES)
  })
})
