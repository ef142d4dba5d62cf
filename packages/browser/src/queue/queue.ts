import type { CallResult } from '../transport/transport.ts'
import type { DropReason } from './drop-reason.ts'
import type { BatchLimits, EventBuffer, QueuedEvent } from './event-buffer.ts'
import type { Outbox, SendAll } from './sender-port.ts'

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
  /** Loads what sends; rejects where it cannot be loaded. */
  openSender(outbox: Outbox): Promise<SendAll>
  schedule(work: () => void, delayMs: number): () => void
}

/** Counts what happened to events. */
interface Tally extends Pick<Queue, 'drop' | 'stats'>, Pick<Outbox, 'deliver'> {
  /** Takes events back that turned out not to have left. */
  takeBack(events: readonly QueuedEvent[]): void
}

// Browsers allow 64 KiB of keepalive bodies at a time, shared with the page; room is left for the envelope.
const LEAVING_BATCH: BatchLimits = { maxEvents: 250, maxBytes: 59_000 }

/** How long a batch waits that failed where not even the part that would judge it could be loaded. */
const BLIND_WAIT_MS = 60_000

/** What happened to events so far. */
function createTally({ buffer, onDrop }: QueueOptions): Tally {
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
    deliver(events) {
      delivered += buffer.remove(events)
    },
    takeBack(events) {
      delivered -= events.length
      for (const event of events) if (!buffer.add(event)) drop('queue_full', [event])
    },
    stats: () => ({ waiting: buffer.size(), delivered, dropped: { ...dropped } }),
  }
}

/** Sends events in batches, one at a time and in order, until the server has each one or refuses it. */
export function createQueue(options: QueueOptions): Queue {
  const { buffer, batch, send, flushIntervalMs, maySend } = options
  const tally = createTally(options)
  let isOpen = false
  let isPutOff = false
  let sending: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined
  let sender: SendAll | undefined
  const hasWork = (): boolean => isOpen && maySend() && buffer.size() > 0
  const outbox: Outbox = { ...tally, buffer, batch, send, hasWork }

  /** @returns the milliseconds to wait before the next try; 0 where nothing waits any more */
  async function sendAll(): Promise<number> {
    if (!hasWork()) return 0
    try {
      sender ??= await options.openSender(outbox)
    } catch {
      return sendBlindly()
    }
    return sender()
  }

  /** Sends one batch without a judgement on its failure. */
  async function sendBlindly(): Promise<number> {
    const events = buffer.peek(batch)
    const { isOk } = await send(events)
    if (!isOk) return BLIND_WAIT_MS
    tally.deliver(events)
    return 0
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
function leaveAll({ buffer, sendLeaving }: QueueOptions, tally: Tally, onReturned: () => void): void {
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
