import type { EventInput } from '@helloagain/protocol'

/** An event with the id by which the server stores it once. */
export interface QueuedEvent extends EventInput {
  eventId: string
}

export interface BatchLimits {
  maxEvents: number
  maxBytes: number
}

/** Where events wait, oldest first. */
export interface EventBuffer {
  /** Keeps the event. @returns false where there is no room */
  add(event: QueuedEvent): boolean
  /** The oldest events within the limits, at least one if there is one. They stay until removed. */
  peek(limits: BatchLimits): QueuedEvent[]
  /** Forgets these very events; others do not matter. @returns how many were there */
  remove(events: readonly QueuedEvent[]): number
  size(): number
}

/** Bytes of an event on the wire, with the comma after it. */
export function measureEventBytes(event: EventInput): number {
  return new TextEncoder().encode(JSON.stringify(event)).length + 1
}

/** A buffer in memory. A full one refuses the newest: how a visit began tells more than how it goes on. */
export function createMemoryBuffer({ maxEvents, maxBytes }: BatchLimits): EventBuffer {
  const waiting = new Map<QueuedEvent, number>()
  let heldBytes = 0
  return {
    add(event) {
      const bytes = measureEventBytes(event)
      if (waiting.size >= maxEvents || heldBytes + bytes > maxBytes) return false
      waiting.set(event, bytes)
      heldBytes += bytes
      return true
    },
    peek(limits) {
      const batch: QueuedEvent[] = []
      let batchBytes = 0
      for (const [event, bytes] of waiting) {
        batchBytes += bytes
        if (batch.length > 0 && (batch.length >= limits.maxEvents || batchBytes > limits.maxBytes)) break
        batch.push(event)
      }
      return batch
    },
    remove(events) {
      const before = waiting.size
      for (const event of events) {
        heldBytes -= waiting.get(event) ?? 0
        waiting.delete(event)
      }
      return before - waiting.size
    },
    size: () => waiting.size,
  }
}
