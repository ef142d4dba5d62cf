import { hash } from 'node:crypto'
import { canonicalize } from 'json-canonicalize'
import { type CheckedEvent, parseInstant } from './check-event.ts'
import { correctionOfRequest } from './clock.ts'

/** How far ahead of our clock an event may be. */
const MAX_FUTURE_MS = 24 * 3_600_000
/** By so much, and a threshold of as much, the clock that a session has shown may differ from that of one request. */
const SLACK_MS = 120_000

export interface ClockReading {
  readonly receivedAtMs: number
  readonly sentAtMs: number | null
  readonly retentionMs: number
}

export type TimeLimits = Pick<ClockReading, 'receivedAtMs' | 'retentionMs'>

/** Whether an event may have happened then, by our clock. */
export const isInRange = (atMs: number, { receivedAtMs, retentionMs }: TimeLimits, slackMs = 0): boolean =>
  atMs <= receivedAtMs + MAX_FUTURE_MS + slackMs && atMs >= receivedAtMs - retentionMs - slackMs

/**
 * When an event happened by the client's clock: its `timestamp`, else a plausible `payload.timestamp`; null where
 * only its arrival is known. Undefined when `timestamp` is out of range, whatever the clock of its session; a
 * `payload.timestamp` that is, is data and no clock.
 */
export function clientTimeOf(event: CheckedEvent, clock: ClockReading): number | null | undefined {
  const isPlausible = (clientMs: number) => isInRange(clientMs + correctionOfRequest(clock), clock, SLACK_MS)
  if (event.clientTimestampMs !== null) {
    return isPlausible(event.clientTimestampMs) ? event.clientTimestampMs : undefined
  }
  const told = parseInstant(event.payload.timestamp)
  return told !== undefined && isPlausible(told) ? told : null
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
