import type { EventInput } from '@helloagain/protocol'

/** An event with the id by which the server stores it once. */
export interface QueuedEvent extends EventInput {
  eventId: string
}

/** An event that waits, as it is kept on disk: with the session it was tracked under. */
export interface WaitingEvent {
  sessionId: string
  event: QueuedEvent
}

/** An event this page tracked and the server has not answered for. */
export interface HeldEvent extends WaitingEvent {
  /** Characters of its JSON, session and all. */
  size: number
  /** True where it lies in localStorage. */
  isStaged?: boolean
  /** True where it lies in IndexedDB. */
  isStored?: boolean
  /** True where a beacon took it, which proves nothing. */
  isHanded?: boolean
}

/** Bytes of JSON on the wire. */
export function measureBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}
