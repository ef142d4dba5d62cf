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

/** What happened to events so far. */
function createTally({ buffer, onDrop }: QueueOptions) {
  const dropped: QueueStats['dropped'] = {}
  let delivered = 0
  const drop: Queue['drop'] = (reason, events, detail) => {
    if (!events.length) return
    dropped[reason] = (dropped[reason] ?? 0) + events.length
    buffer.remove(events)
    onDrop(reason, events, detail)
  }
  return {
    drop,
    /** The events left; what has left already is not counted again. */
    deliver(events: readonly QueuedEvent[]): void {
      delivered += buffer.remove(events)
    },
    /** Takes events back that turned out not to have left. */
    takeBack(events: readonly QueuedEvent[]): void {
      delivered -= events.length
      for (const event of events) if (!buffer.add(event)) drop('queue_full', [event])
    },
    stats: (): QueueStats => ({ waiting: buffer.size(), delivered, dropped: { ...dropped } }),
  }
}

/** Sends one batch. @returns the milliseconds to wait before the next try; 0 for none */
function createSender(options: QueueOptions, tally: ReturnType<typeof createTally>): () => Promise<number> {
  const { buffer, batch } = options
  let failures = 0
  let { maxEvents } = batch

  function settle(events: QueuedEvent[], body: unknown): number {
    for (const { index, code } of (body as EventsAnswer | null)?.rejected ?? []) {
      const event = events[index]
      if (event) tally.drop('rejected', [event], code)
    }
    tally.deliver(events)
    failures = 0
    maxEvents = batch.maxEvents
    return 0
  }

  return async () => {
    const events = buffer.peek({ ...batch, maxEvents })
    const result = await options.send(events)
    if (result.isOk) return settle(events, result.body)
    const verdict = await options.judge(result, events.length, ++failures)
    maxEvents = verdict.maxEvents ?? maxEvents
    if (verdict.dropped) tally.drop(verdict.dropped, events, result.refusal ?? String(result.status))
    // A refusal is an answer: what follows a failure is counted anew.
    if (!verdict.waitMs) failures = 0
    return verdict.waitMs
  }
}

/** Sends events in batches, one at a time and in order, until the server has each one or refuses it. */
export function createQueue(options: QueueOptions): Queue {
  const { buffer, batch, flushIntervalMs, maySend } = options
  const tally = createTally(options)
  const sendBatch = createSender(options, tally)
  let isOpen = false
  let isPutOff = false
  let sending: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined

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

  return {
    add(event) {
      if (!buffer.add(event)) return tally.drop('queue_full', [event])
      if (isOpen && !isPutOff && !sending && buffer.size() >= batch.maxEvents) void flush()
      else scheduleFlush(flushIntervalMs)
    },
    open() {
      isOpen = true
      scheduleFlush(0)
    },
    flush,
    leave() {
      if (maySend()) leaveAll(options, tally, () => scheduleFlush(flushIntervalMs))
    },
    drop: tally.drop,
    clear: (reason) => tally.drop(reason, buffer.peek({ maxEvents: Infinity, maxBytes: Infinity })),
    stats: tally.stats,
    close() {
      isOpen = false
      cancelTimer?.()
    },
  }
}

/** Hands all that waits to the browser in portions it takes. */
function leaveAll(
  { buffer, sendLeaving }: QueueOptions,
  tally: ReturnType<typeof createTally>,
  onReturned: () => void,
): void {
  while (buffer.size()) {
    const events = buffer.peek(LEAVING_BATCH)
    const isTaken = sendLeaving(events)
    if (!isTaken) return
    tally.deliver(events)
    if (isTaken === true) continue
    void isTaken.then((isSent) => {
      if (isSent) return
      tally.takeBack(events)
      onReturned()
    })
  }
}
