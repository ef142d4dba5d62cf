import { expect, it, vi } from 'vitest'
import type { CallResult } from '../transport/transport.ts'
import { computeBackoffMs } from './backoff.ts'
import { createMemoryBuffer, type QueuedEvent } from './event-buffer.ts'
import { createQueue, type QueueOptions } from './queue.ts'
import { createSender } from './sender.ts'

const event = (eventId: string): QueuedEvent => ({ eventId, eventType: 'CONTENT_CLICK' })
const accepted: CallResult = { isOk: true, body: { rejected: [] } }

function openQueue(answers: CallResult[], options: Partial<QueueOptions> = {}) {
  const sent: string[][] = []
  const drops: [string, string[], string | undefined][] = []
  const timers: { work: () => void; delayMs: number }[] = []
  const queue = createQueue({
    buffer: createMemoryBuffer({ maxEvents: 6, maxBytes: 100_000 }),
    maySend: () => true,
    async send(events) {
      sent.push(events.map(({ eventId }) => eventId))
      return answers.shift() ?? accepted
    },
    sendLeaving: () => true,
    flushIntervalMs: 1000,
    batch: { maxEvents: 4, maxBytes: 100_000 },
    onDrop: (reason, events, detail) => drops.push([reason, events.map(({ eventId }) => eventId), detail]),
    schedule(work, delayMs) {
      const timer = { work, delayMs }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
    openSender: async (outbox) => createSender(outbox, { nowMs: () => 0, random: () => 1 }),
    ...options,
  })
  return { queue, sent, drops, timers }
}

it('waits for the session, then sends in order and in one batch', async () => {
  const { queue, sent, timers } = openQueue([])
  for (const id of ['a', 'b', 'c']) queue.add(event(id))
  expect(timers).toEqual([])
  await queue.flush()
  expect(sent).toEqual([])
  queue.open()
  expect(timers[0]?.delayMs).toBe(0)
  await queue.flush()
  expect(sent).toEqual([['a', 'b', 'c']])
  expect(queue.stats()).toEqual({ waiting: 0, delivered: 3, dropped: {} })
})

it('sends at once when a batch is full', async () => {
  const { queue, sent } = openQueue([])
  queue.open()
  for (const id of ['a', 'b', 'c', 'd']) queue.add(event(id))
  await queue.flush()
  expect(sent).toEqual([['a', 'b', 'c', 'd']])
})

it('keeps events the server could not take, and waits as long as Retry-After says', async () => {
  const { queue, sent, timers } = openQueue([{ isOk: false, status: 503, retryAfter: '7' }])
  queue.open()
  queue.add(event('a'))
  await queue.flush()
  expect(queue.stats().waiting).toBe(1)
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([7000])
  await queue.flush()
  expect(sent).toEqual([['a'], ['a']])
  expect(queue.stats()).toMatchObject({ waiting: 0, delivered: 1 })
})

it('waits longer after each failure', async () => {
  const { queue, timers } = openQueue([
    { isOk: false, status: 0 },
    { isOk: false, status: 500 },
  ])
  queue.open()
  queue.add(event('a'))
  await queue.flush()
  expect(timers.at(-1)?.delayMs).toBe(1000)
  await queue.flush()
  expect(timers.at(-1)?.delayMs).toBe(2000)
})

it('halves a batch that is too large, and gives up a single event that is', async () => {
  const tooLarge: CallResult = { isOk: false, status: 413, body: { error: { code: 'request.too_large' } } }
  const { queue, sent, drops } = openQueue([tooLarge, tooLarge, tooLarge])
  for (const id of ['a', 'b', 'c', 'd']) queue.add(event(id))
  queue.open()
  await queue.flush()
  expect(sent).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['a'], ['b'], ['c', 'd']])
  expect(drops).toEqual([['too_large', ['a'], 'request.too_large']])
})

it('gives up what the server refuses, by name', async () => {
  const { queue, drops } = openQueue([
    { isOk: false, status: 403, body: { error: { code: 'request.origin_forbidden' } } },
    { isOk: true, body: { rejected: [{ index: 1, code: 'event.type_invalid', message: '' }] } },
  ])
  queue.open()
  queue.add(event('a'))
  await queue.flush()
  queue.add(event('b'))
  queue.add(event('c'))
  await queue.flush()
  expect(drops).toEqual([
    ['refused', ['a'], 'request.origin_forbidden'],
    ['rejected', ['c'], 'event.type_invalid'],
  ])
  expect(queue.stats()).toEqual({ waiting: 0, delivered: 1, dropped: { refused: 1, rejected: 1 } })
})

it('refuses the newest when memory is full', () => {
  const { queue, drops } = openQueue([])
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) queue.add(event(id))
  expect(drops).toEqual([['queue_full', ['g'], undefined]])
})

it('hands over everything when the page leaves, what is under way included, and counts it once', async () => {
  const left: string[][] = []
  let answer: ((result: CallResult) => void) | undefined
  const { queue } = openQueue([], {
    send: () => new Promise((resolve) => (answer = resolve)),
    sendLeaving(events) {
      left.push(events.map(({ eventId }) => eventId))
      return true
    },
  })
  queue.open()
  queue.add(event('a'))
  const flushed = queue.flush()
  await vi.waitFor(() => expect(answer).toBeDefined())
  queue.add(event('b'))
  queue.leave()
  answer?.(accepted)
  await flushed
  expect(left).toEqual([['a', 'b']])
  expect(queue.stats()).toEqual({ waiting: 0, delivered: 2, dropped: {} })
})

it('keeps what the browser would not take on leaving', async () => {
  const refused = openQueue([], { sendLeaving: () => false }).queue
  refused.add(event('a'))
  refused.leave()
  expect(refused.stats().waiting).toBe(1)
  const failed = openQueue([], { sendLeaving: async () => false }).queue
  failed.add(event('a'))
  failed.leave()
  await Promise.resolve()
  await Promise.resolve()
  expect(failed.stats()).toMatchObject({ waiting: 1, delivered: 0 })
})

it('splits what leaves into portions of at most 60 KB', () => {
  const sizes: number[] = []
  const { queue } = openQueue([], {
    sendLeaving(events) {
      sizes.push(JSON.stringify(events).length)
      return true
    },
  })
  for (const id of ['a', 'b', 'c']) queue.add({ ...event(id), payload: { text: 'x'.repeat(30_000) } })
  queue.leave()
  expect(sizes.length).toBeGreaterThan(1)
  expect(Math.max(...sizes)).toBeLessThan(60_000)
})

it('doubles the pause up to five minutes, and spreads it', () => {
  expect([1, 2, 3].map((failures) => computeBackoffMs(failures, () => 1))).toEqual([1000, 2000, 4000])
  expect(computeBackoffMs(3, () => 0)).toBe(2000)
  expect(computeBackoffMs(100, () => 1)).toBe(300_000)
})
