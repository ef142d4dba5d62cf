import type { EventsAnswer } from '@helloagain/protocol'
import type { CallResult, FailedCall } from '../transport/transport.ts'
import type { DropReason } from './drop-reason.ts'
import type { BatchLimits, EventBuffer, QueuedEvent } from './event-buffer.ts'
import type { Verdict } from './judge-failure.ts'

export interface QueueStats {
  /** Events that wait. */
  waiting: number
  /** Events the server has, its duplicates included. */
  delivered: number
  dropped: Partial<Record<DropReason, number>>
}

export interface Queue {
  add(event: QueuedEvent): void
  /** Lets batches go; until then everything waits. */
  open(): void
  /** Sends all that waits, as far as the server takes it. Resolves when it was sent, refused, or put off. */
  flush(): Promise<void>
  /** Hands all that waits, what is under way included, to the browser while the page goes away. */
  leave(): void
  /** Counts events that never came to wait. */
  drop(reason: DropReason, events: readonly QueuedEvent[], detail?: string): void
  /** Gives up all that waits. */
  clear(reason: DropReason): void
  stats(): QueueStats
  close(): void
}

export interface QueueOptions {
  buffer: EventBuffer
  /** Whether anything may be sent at the moment. */
  maySend(): boolean
  send(events: QueuedEvent[]): Promise<CallResult>
  /** Sends without waiting for an answer; false where the browser did not take it. */
  sendLeaving(events: QueuedEvent[]): boolean | Promise<boolean>
  /** Milliseconds the first event of a batch waits for company. */
  flushIntervalMs: number
  batch: BatchLimits
  onDrop(reason: DropReason, events: readonly QueuedEvent[], detail?: string): void
  /** Decides on a batch of so many events that was not taken. @param failures how often in a row, from 1 */
  judge(failed: FailedCall, count: number, failures: number): Promise<Verdict>
  schedule(work: () => void, delayMs: number): () => void
}

// Browsers allow 64 KiB of keepalive bodies at a time, shared with the page; room is left for the envelope.
const LEAVING_BATCH: BatchLimits = { maxEvents: 250, maxBytes: 59_000 }

/** Sends events in batches, one at a time and in order, until the server has each one or refuses it. */
export function createQueue(options: QueueOptions): Queue {
  const { buffer, batch, flushIntervalMs, maySend } = options
  const dropped: QueueStats['dropped'] = {}
  let delivered = 0
  let failures = 0
  let { maxEvents } = batch
  let isOpen = false
  let isPutOff = false
  let sending: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined

  const drop: Queue['drop'] = (reason, events, detail) => {
    if (!events.length) return
    dropped[reason] = (dropped[reason] ?? 0) + events.length
    buffer.remove(events)
    options.onDrop(reason, events, detail)
  }

  function settle(events: QueuedEvent[], body: unknown): void {
    for (const { index, code } of (body as EventsAnswer | null)?.rejected ?? []) {
      const event = events[index]
      if (event) drop('rejected', [event], code)
    }
    // What has left already by another way is not counted again.
    delivered += buffer.remove(events)
    failures = 0
    maxEvents = batch.maxEvents
  }

  /** @returns the milliseconds to wait before the next try; 0 for none */
  async function sendBatch(): Promise<number> {
    const events = buffer.peek({ ...batch, maxEvents })
    const result = await options.send(events)
    if (result.isOk) {
      settle(events, result.body)
      return 0
    }
    const verdict = await options.judge(result, events.length, ++failures)
    maxEvents = verdict.maxEvents ?? maxEvents
    if (verdict.dropped) drop(verdict.dropped, events, result.refusal ?? String(result.status))
    // A refusal is an answer: what follows a failure is counted anew.
    if (!verdict.waitMs) failures = 0
    return verdict.waitMs
  }

  /** @returns the milliseconds to wait before the next try; 0 where nothing waits any more */
  async function sendAll(): Promise<number> {
    let waitMs = 0
    while (!waitMs && buffer.size() && isOpen && maySend()) waitMs = await sendBatch()
    return waitMs
  }

  function flush(): Promise<void> {
    cancelTimer?.()
    cancelTimer = undefined
    sending ??= sendAll().then((waitMs) => {
      isPutOff = waitMs > 0
      sending = undefined
      // An event may have come between the last look and now.
      scheduleFlush(waitMs || flushIntervalMs)
    })
    return sending
  }

  function scheduleFlush(delayMs: number): void {
    if (!isOpen || cancelTimer || sending || !buffer.size()) return
    cancelTimer = options.schedule(() => void flush(), delayMs)
  }

  function add(event: QueuedEvent): void {
    if (!buffer.add(event)) return drop('queue_full', [event])
    if (isOpen && !isPutOff && !sending && buffer.size() >= batch.maxEvents) void flush()
    else scheduleFlush(flushIntervalMs)
  }

  /** Hands all that waits to the browser in portions it takes. */
  function leave(): void {
    while (maySend() && buffer.size()) {
      const events = buffer.peek(LEAVING_BATCH)
      const isTaken = options.sendLeaving(events)
      if (!isTaken) return
      delivered += buffer.remove(events)
      if (isTaken === true) continue
      void isTaken.then((isSent) => {
        if (isSent) return
        delivered -= events.length
        events.forEach(add)
      })
    }
  }

  return {
    add,
    open() {
      isOpen = true
      scheduleFlush(0)
    },
    flush,
    leave,
    drop,
    clear: (reason) => drop(reason, buffer.peek({ maxEvents: Infinity, maxBytes: Infinity })),
    stats: () => ({ waiting: buffer.size(), delivered, dropped: { ...dropped } }),
    close() {
      isOpen = false
      cancelTimer?.()
    },
  }
}
