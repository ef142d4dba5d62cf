import { describe, expect, it, vi } from 'vitest'
import { createLog } from '../log.ts'
import { createJobs, type Job, type JobTimers } from './jobs.ts'

interface Waiting {
  readonly ms: number
  fire(): void
}

function handTimers(): JobTimers & { readonly waiting: Set<Waiting>; next(): Waiting | undefined } {
  const waiting = new Set<Waiting>()
  return {
    waiting,
    next: () => [...waiting][0],
    random: () => 0.5,
    after(ms, callback) {
      const entry = {
        ms,
        fire() {
          waiting.delete(entry)
          callback()
        },
      }
      waiting.add(entry)
      return () => void waiting.delete(entry)
    },
  }
}

function setUp(run: Job['run']) {
  const lines: string[] = []
  const timers = handTimers()
  const log = createLog('info', { write: (line) => void lines.push(line) })
  const jobs = createJobs([{ name: 'sweep', everyMs: 1000, run }], { log, timers })
  jobs.start()
  const next = () => timers.next()?.fire()
  return { jobs, timers, lines, next }
}

describe('jobs', () => {
  it('run soon after the start, then again and again', async () => {
    const run = vi.fn(async () => undefined)
    const { timers, next } = setUp(run)
    expect(run).not.toHaveBeenCalled()
    next()
    await vi.waitFor(() => expect(timers.next()?.ms).toBe(1000))
    next()
    expect(run).toHaveBeenCalledTimes(2)
  })

  it('never run beside themselves', async () => {
    const { promise, resolve: end } = Promise.withResolvers<void>()
    const { timers, next } = setUp(() => promise)
    next()
    expect(timers.waiting.size).toBe(0)
    end()
    await vi.waitFor(() => expect(timers.waiting.size).toBe(1))
  })

  it('go on after a failure, which is logged', async () => {
    const { timers, lines, next } = setUp(async () => {
      throw new Error('disk on fire')
    })
    next()
    await vi.waitFor(() => expect(timers.waiting.size).toBe(1))
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 50, job: 'sweep', err: { message: 'disk on fire' } },
    ])
  })

  it('end when told to, and are waited for', async () => {
    let isOver = false
    const { jobs, timers, lines, next } = setUp(
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () =>
            setImmediate(() => {
              isOver = true
              reject(signal.reason)
            }),
          )
        }),
    )
    next()
    await jobs.stop()
    expect([isOver, timers.waiting.size, lines]).toEqual([true, 0, []])
  })

  it('do not begin once stopped', async () => {
    const run = vi.fn(async () => undefined)
    const { jobs, timers } = setUp(run)
    await jobs.stop()
    expect(timers.waiting.size).toBe(0)
  })
})
