import { type EventInput, type EventPayload, MAX_PAYLOAD_BYTES } from '@helloagain/protocol'
import { cleanAddress } from '../platform/page-address.ts'
import { quietly } from '../platform/quietly.ts'
import type { DropReason } from '../queue/drop-reason.ts'
import { measureBytes, type QueuedEvent } from '../queue/waiting-event.ts'

export interface EventMakerOptions {
  nowMs(): number
  newId(): string
  takeSeq(): number
  redact?: ((event: EventInput) => EventInput | null | undefined) | undefined
  onDrop: OnDrop
}

/** Why there is no event to send; the bare event is what is told of it. */
type OnDrop = (reason: DropReason, events: readonly QueuedEvent[]) => void

/**
 * Makes events ready to send: id, time, a copy of the payload without secrets in its page address.
 * Undefined where the event was dropped.
 */
export function createEventMaker({ nowMs, newId, takeSeq, redact, onDrop }: EventMakerOptions) {
  return (eventType: string, payload: EventPayload = {}): QueuedEvent | undefined => {
    const bare = { eventId: newId(), eventType, timestamp: new Date(nowMs()).toISOString() }
    const drop = (reason: DropReason): undefined => void onDrop(reason, [bare])
    const copy = /^[A-Z][A-Z0-9_]{0,63}$/.test(eventType) && copyPayload(payload)
    if (!copy) return drop('invalid')
    const made: EventInput = { ...bare, payload: copy }
    // A hook that fails hides the event: it may hold just what was to be taken out.
    const redacted = redact ? quietly(() => redact(made)) : made
    if (!redacted) return drop('redacted')
    const bytes = quietly(() => JSON.stringify(redacted) && measureBytes(redacted.payload ?? {}))
    // The hook put something in that is no JSON.
    if (!bytes) return drop('invalid')
    if (bytes > MAX_PAYLOAD_BYTES) return drop('too_large')
    // The id and the number are ours: the server tells repeated events by them.
    return { ...redacted, eventId: bare.eventId, seq: takeSeq() }
  }
}

/** A copy, because the page may change its object before the batch leaves; undefined where it is no JSON object. */
function copyPayload(payload: EventPayload): EventPayload | undefined {
  const copy = quietly(() => JSON.parse(JSON.stringify(payload)) as EventPayload | null)
  if (typeof copy !== 'object' || !copy || Array.isArray(copy)) return undefined
  if (typeof copy.page === 'string') copy.page = cleanAddress(copy.page)
  return copy
}
