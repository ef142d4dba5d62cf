import {
  type EventInput,
  MAX_EVENT_SEQ,
  MAX_PAYLOAD_BYTES,
  MAX_PAYLOAD_DEPTH,
  type RefusalCode,
} from '@helloagain/protocol'

const DAY_MS = 86_400_000
const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value)

export const measureBytes = (value: unknown): number =>
  new TextEncoder().encode(JSON.stringify(value) ?? '').length

/** Text that is no text (NUL, half a surrogate pair), a `__proto__` key, or too many levels. */
function hasFault(value: unknown, levels: number): boolean {
  if (typeof value === 'string') return /\0|[\ud800-\udfff]/u.test(value)
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.entries(value).some(
    ([key, entry]) => key === '__proto__' || hasFault(key, levels) || hasFault(entry, levels - 1),
  )
}

function findTimeFault(timestamp: unknown): RefusalCode | undefined {
  if (timestamp === undefined) return undefined
  if (typeof timestamp !== 'string' || !INSTANT.test(timestamp)) return 'event.timestamp_invalid'
  return Date.parse(timestamp) > Date.now() + DAY_MS ? 'event.timestamp_out_of_range' : undefined
}

function findPayloadFault(payload: unknown): RefusalCode | undefined {
  if (!isObject(payload) || hasFault(payload, MAX_PAYLOAD_DEPTH)) return 'event.payload_invalid'
  return measureBytes(payload) > MAX_PAYLOAD_BYTES ? 'event.payload_too_large' : undefined
}

const isSeq = (seq: unknown): boolean =>
  Number.isInteger(seq) && Number(seq) >= 0 && Number(seq) <= MAX_EVENT_SEQ

/** Why the server does not take an event; undefined where it does, and the value is one. */
export function findEventFault(value: unknown): RefusalCode | undefined {
  if (!isObject(value)) return 'event.invalid'
  const {
    eventId,
    seq,
    eventType,
    payload = {},
    timestamp,
  }: Partial<Record<keyof EventInput, unknown>> = value
  if (typeof eventType !== 'string' || !/^[A-Z][A-Z0-9_]{0,63}$/.test(eventType)) return 'event.type_invalid'
  if (eventId !== undefined && !isUuid(eventId)) return 'event.id_invalid'
  if (seq !== undefined && !isSeq(seq)) return 'event.invalid'
  return findPayloadFault(payload) ?? findTimeFault(timestamp)
}
