import { type EventInput, type EventPayload, MAX_PAYLOAD_BYTES } from '@helloagain/protocol'
import { cleanAddress } from '../platform/page-address.ts'
import type { DropReason } from '../queue/drop-reason.ts'
import { measureEventBytes, type QueuedEvent } from '../queue/event-buffer.ts'

export interface EventMakerOptions {
  nowMs(): number
  newId(): string
  takeSeq(): number
  redact?: ((event: EventInput) => EventInput | null | undefined) | undefined
}

export interface MadeEvent {
  event: QueuedEvent
  /** Why it is not to be sent. */
  dropped?: DropReason
}

/** Makes events ready to send: id, time, a copy of the payload without secrets in its page address. */
export function createEventMaker({ nowMs, newId, takeSeq, redact }: EventMakerOptions) {
  return (eventType: string, payload: EventPayload = {}): MadeEvent => {
    const eventId = newId()
    const timestamp = new Date(nowMs()).toISOString()
    const bare: QueuedEvent = { eventId, eventType, timestamp }
    if (!/^[A-Z][A-Z0-9_]{0,63}$/.test(eventType)) return { dropped: 'invalid', event: bare }
    const copy = copyPayload(payload)
    if (!copy) return { dropped: 'invalid', event: bare }
    const made: EventInput = { ...bare, payload: copy }
    const redacted = redact ? applyRedaction(redact, made) : made
    if (!redacted) return { dropped: 'redacted', event: bare }
    if (measureEventBytes({ eventType, payload: redacted.payload ?? {} }) > MAX_PAYLOAD_BYTES) {
      return { dropped: 'too_large', event: bare }
    }
    // The id and the number are ours: the server tells repeated events by them.
    return { event: { ...redacted, eventId, seq: takeSeq() } }
  }
}

/** A copy, because the page may change its object before the batch leaves; undefined where it is no JSON. */
function copyPayload(payload: EventPayload): EventPayload | undefined {
  try {
    const copy = JSON.parse(JSON.stringify(payload)) as EventPayload
    if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) return undefined
    if (typeof copy.page === 'string') copy.page = cleanAddress(copy.page)
    return copy
  } catch {
    return undefined
  }
}

/** A hook that fails hides the event: it may hold just what was to be taken out. */
function applyRedaction(redact: NonNullable<EventMakerOptions['redact']>, event: EventInput) {
  try {
    return redact(event)
  } catch {
    return undefined
  }
}
