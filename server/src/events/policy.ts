import { hash } from 'node:crypto'
import { canonicalize } from 'json-canonicalize'
import { type CheckedEvent, parseInstant } from './check-event.ts'

/** Below this the difference of the clocks is mostly the time of travel (PostHog #98250), and is left alone. */
const MIN_SKEW_MS = 60_000
/** How far ahead of our clock an event may be. */
const MAX_FUTURE_MS = 24 * 3_600_000

export interface EventTime {
  /** Corrected by the server's clock. */
  readonly timestampMs: number
  /** What the browser's clock said; null when it said nothing. */
  readonly clientTimestampMs: number | null
}

export interface ClockReading {
  readonly receivedAtMs: number
  readonly sentAtMs: number | null
  readonly retentionMs: number
}

/** How far the client's clock is behind ours. One figure for a whole request, so that its events keep their order. */
export function clockSkewMs({
  receivedAtMs,
  sentAtMs,
}: Pick<ClockReading, 'receivedAtMs' | 'sentAtMs'>): number {
  if (sentAtMs === null) return 0
  const skewMs = receivedAtMs - sentAtMs
  return Math.abs(skewMs) > MIN_SKEW_MS ? skewMs : 0
}

const isInRange = (atMs: number, { receivedAtMs, retentionMs }: ClockReading) =>
  atMs <= receivedAtMs + MAX_FUTURE_MS && atMs >= receivedAtMs - retentionMs

/**
 * When an event happened: its `timestamp`, corrected; else a plausible `payload.timestamp`, corrected; else its
 * arrival. Undefined when `timestamp` is out of range; a `payload.timestamp` that is, is data and no clock.
 */
export function timeOf(event: CheckedEvent, clock: ClockReading): EventTime | undefined {
  const skewMs = clockSkewMs(clock)
  if (event.clientTimestampMs !== null) {
    const timestampMs = event.clientTimestampMs + skewMs
    return isInRange(timestampMs, clock)
      ? { timestampMs, clientTimestampMs: event.clientTimestampMs }
      : undefined
  }
  const told = parseInstant(event.payload.timestamp)
  if (told !== undefined && isInRange(told + skewMs, clock)) {
    return { timestampMs: told + skewMs, clientTimestampMs: told }
  }
  return { timestampMs: clock.receivedAtMs, clientTimestampMs: null }
}

/** A UUIDv8 (RFC 9562 §5.8) from the SHA-256 of a text. */
function uuidOf(text: string): string {
  const hex = hash('sha256', text, 'hex')
  // Variant bits 10: 8, 9, a or b.
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * The id of an event that brings none: the same event of a session always gets the same, so that a repeated
 * request stores nothing twice. By `seq` where there is one, else by the canonical event (RFC 8785).
 */
export function deriveEventId(session: { siteId: string; sessionId: string }, event: CheckedEvent): string {
  const owner = `${session.siteId}\n${session.sessionId}`
  if (event.seq !== null) return uuidOf(`${owner}\nseq\n${event.seq}`)
  const { eventType, payload, timestamp } = event
  // As it is stored: RFC 8785 has no form for 1e400, which JSON.parse reads as infinity and JSON writes as null.
  const stored: unknown = JSON.parse(JSON.stringify({ eventType, payload, timestamp }))
  return uuidOf(`${owner}\nevent\n${canonicalize(stored)}`)
}
