import {
  type EventPayload,
  MAX_EVENT_SEQ,
  MAX_PAYLOAD_BYTES,
  MAX_PAYLOAD_DEPTH,
  REFUSALS,
  type RefusalCode,
  type RequestIssue,
} from '@helloagain/protocol'
import { findJsonFault, isCleanText, isoInstant } from '@helloagain/protocol/schemas'

/** An event that fits the contract; its time is not judged yet. */
export interface CheckedEvent {
  readonly eventId: string | null
  readonly seq: number | null
  readonly eventType: string
  readonly payload: EventPayload
  /** As sent, for the id of events that bring none. */
  readonly timestamp: string | null
  readonly clientTimestampMs: number | null
}

export interface Fault {
  readonly code: RefusalCode
  readonly issue: RequestIssue
}

export const isFault = (value: object): value is Fault => 'code' in value

const fault = (code: RefusalCode, path: string, message: string = REFUSALS[code].message): Fault => ({
  code,
  issue: { path, message },
})

const EVENT_TYPE = /^[A-Z][A-Z0-9_]{0,63}$/
// RFC 9562: versions 1 to 8, nil and max, as zod's z.uuid().
const UUID =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12})$/i

// What `toISOString` writes, but for the last days of a month, of which not every month has each.
const USUAL_INSTANT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/**
 * Milliseconds since the epoch of an ISO 8601 time with `Z` or an offset; undefined for anything else.
 * What browsers send takes the quick way; the schema decides about the rest.
 */
export function parseInstant(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 64) return undefined
  const ms = Date.parse(value)
  if (USUAL_INSTANT.test(value)) return ms
  return !Number.isNaN(ms) && isoInstant.safeParse(value).success ? ms : undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `findJsonFault` without paths, for the many payloads that have no fault. */
function isPlainJson(value: unknown, levels: number): boolean {
  if (typeof value === 'string') return isCleanText(value)
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) return value.every((entry) => isPlainJson(entry, levels - 1))
  const record = value as Record<string, unknown>
  for (const key of Object.keys(record)) {
    if (key === '__proto__' || !isCleanText(key) || !isPlainJson(record[key], levels - 1)) return false
  }
  return true
}

function payloadFault(payload: unknown): Fault | undefined {
  if (!isObject(payload)) return fault('event.payload_invalid', 'payload')
  if (isPlainJson(payload, MAX_PAYLOAD_DEPTH)) return undefined
  const found = findJsonFault(payload, MAX_PAYLOAD_DEPTH)
  const path = ['payload', ...(found?.path ?? [])].join('.').slice(0, 200)
  // The path quotes the client's own keys, which may be no text at all.
  return fault('event.payload_invalid', path.toWellFormed().replaceAll('\0', ''), found?.message)
}

/** Whether a JSON text is larger than a payload may be; UTF-8 has three bytes at most for a UTF-16 unit. */
export const isTooLarge = (json: string): boolean =>
  json.length > MAX_PAYLOAD_BYTES ||
  (json.length * 3 > MAX_PAYLOAD_BYTES && byteLength(json) > MAX_PAYLOAD_BYTES)

const byteLength = (json: string) => Buffer.byteLength(json)

export const tooLarge = (): Fault => fault('event.payload_too_large', 'payload')

function fieldFault({ eventId, seq, eventType }: Record<string, unknown>): Fault | undefined {
  if (typeof eventType !== 'string' || !EVENT_TYPE.test(eventType)) {
    return fault('event.type_invalid', 'eventType')
  }
  if (eventId !== undefined && !(typeof eventId === 'string' && UUID.test(eventId))) {
    return fault('event.id_invalid', 'eventId')
  }
  if (seq !== undefined && !(Number.isInteger(seq) && Number(seq) >= 0 && Number(seq) <= MAX_EVENT_SEQ)) {
    return fault('event.invalid', 'seq', `A whole number from 0 to ${MAX_EVENT_SEQ}.`)
  }
  return undefined
}

/** Reads one event of a request; written by hand because every event passes here, and tested against the schema. */
export function checkEvent(value: unknown): CheckedEvent | Fault {
  if (!isObject(value)) return fault('event.invalid', '', 'Not a JSON object.')
  if (Object.hasOwn(value, '__proto__')) {
    return fault('event.invalid', '__proto__', 'The key __proto__ is not taken.')
  }
  const { eventId, seq, eventType, timestamp, payload = {} } = value
  const clientTimestampMs = timestamp === undefined ? null : parseInstant(timestamp)
  const found = fieldFault(value) ?? payloadFault(payload)
  if (found) return found
  if (clientTimestampMs === undefined) return fault('event.timestamp_invalid', 'timestamp')
  return {
    eventId: typeof eventId === 'string' ? eventId.toLowerCase() : null,
    seq: typeof seq === 'number' ? seq : null,
    eventType: String(eventType),
    payload: payload as EventPayload,
    timestamp: typeof timestamp === 'string' ? timestamp : null,
    clientTimestampMs,
  }
}
