import type { CallResult } from '../transport/transport.ts'
import type { DropReason } from './drop-reason.ts'
import type { BatchLimits, EventBuffer, QueuedEvent } from './event-buffer.ts'

/** What sending needs of the queue. */
export interface Outbox {
  buffer: EventBuffer
  batch: BatchLimits
  /** Whether something waits that may be sent. */
  hasWork(): boolean
  send(events: QueuedEvent[]): Promise<CallResult>
  /** The events left; what has left already is not counted again. */
  deliver(events: readonly QueuedEvent[]): void
  /** Gives events up. */
  drop(reason: DropReason, events: readonly QueuedEvent[], detail?: string): void
}

/** Sends what waits. @returns the milliseconds to wait before the next try; 0 where nothing waits any more */
export type SendAll = () => Promise<number>
