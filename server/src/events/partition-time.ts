import type { EventPayload } from '@helloagain/protocol'
import { parseInstant } from './check-event.ts'

/** What decides where an event lies. */
export interface Datable {
  readonly eventId: string
  /** As the client said it, uncorrected. */
  readonly clientTimestampMs: number | null
  readonly payload: EventPayload
}

/** Where events lie that say nothing about their time. */
const UNDATED_MS = 0

/** The first 48 bits of a UUIDv7 are its time: RFC 9562 §5.7. */
function timeInId(eventId: string): number | undefined {
  if (eventId.charAt(14) !== '7') return undefined
  return Number.parseInt(eventId.slice(0, 8) + eventId.slice(9, 13), 16)
}

/**
 * The moment (ms since the epoch) by which an event is filed: the time in its id, else its `timestamp`, else a
 * `payload.timestamp`, else 0. Of the event alone, never of its arrival: sent again months later it must be looked
 * for in the same place. That is why nothing is corrected here, nor judged as too old.
 */
export function partitionMsOf({ eventId, clientTimestampMs, payload }: Datable): number {
  return timeInId(eventId) ?? clientTimestampMs ?? parseInstant(payload['timestamp']) ?? UNDATED_MS
}
