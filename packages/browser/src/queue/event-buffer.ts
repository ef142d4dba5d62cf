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
  /** Forgets events by id; unknown ids do not matter. @returns how many were there */
  remove(eventIds: ReadonlySet<string>): number
  size(): number
}

const encoder = (): TextEncoder => new TextEncoder()

/** Bytes of an event on the wire, with the comma after it. */
export function measureEventBytes(event: EventInput): number {
  return encoder().encode(JSON.stringify(event)).length + 1
}

/** A buffer in memory. A full one refuses the newest: how a visit began tells more than how it goes on. */
export function createMemoryBuffer({ maxEvents, maxBytes }: BatchLimits): EventBuffer {
  let waiting: { event: QueuedEvent; bytes: number }[] = []
  let heldBytes = 0
  return {
    add(event) {
      const bytes = measureEventBytes(event)
      if (waiting.length >= maxEvents || heldBytes + bytes > maxBytes) return false
      waiting.push({ event, bytes })
      heldBytes += bytes
      return true
    },
    peek(limits) {
      const batch: QueuedEvent[] = []
      let batchBytes = 0
      for (const { event, bytes } of waiting) {
        batchBytes += bytes
        if (batch.length > 0 && (batch.length >= limits.maxEvents || batchBytes > limits.maxBytes)) break
        batch.push(event)
      }
      return batch
    },
    remove(eventIds) {
      const before = waiting.length
      waiting = waiting.filter(({ event, bytes }) => {
        const isGone = eventIds.has(event.eventId)
        if (isGone) heldBytes -= bytes
        return !isGone
      })
      return before - waiting.length
    },
    size: () => waiting.length,
  }
}
