import { expect, it, vi } from 'vitest'
import { createLog } from '../platform/log.ts'
import { createExpiry } from './expiry.ts'

const DAY_MS = 86_400_000
const NOW_MS = Date.UTC(2026, 5, 1)

const createJob = (expire: (cutoffMs: number, limit: number) => Promise<number>) =>
  createExpiry({ store: { expire }, nowMs: () => NOW_MS, ttlMs: 30 * DAY_MS, log: createLog('silent') })

it('deletes in small steps until nothing is left that was not seen for 30 days', async () => {
  const left = [20, 20, 7, 0]
  const expire = vi.fn(async (_cutoffMs: number, _limit: number) => left.shift() ?? -1)
  await createJob(expire).run(new AbortController().signal)
  expect(expire).toHaveBeenCalledTimes(4)
  for (const [cutoffMs, limit] of expire.mock.calls) {
    expect(cutoffMs).toBe(NOW_MS - 30 * DAY_MS)
    expect(limit).toBeLessThanOrEqual(50)
  }
})

it('ends after the step in hand when it is told to', async () => {
  const stopping = new AbortController()
  const expire = vi.fn(async () => {
    stopping.abort()
    return 20
  })
  await createJob(expire).run(stopping.signal)
  expect(expire).toHaveBeenCalledTimes(1)
})
