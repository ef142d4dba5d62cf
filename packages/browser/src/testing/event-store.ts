import {
  type ConsentMode,
  type ConsentReport,
  consentMode,
  type EventInput,
  type EventsAnswer,
  MAX_BATCH_EVENTS,
  REFUSALS,
  type RejectedEvent,
} from '@helloagain/protocol'
import { findEventFault, isObject, isUuid } from './check-event.ts'
import type { RecordedEvent } from './recorded-event.ts'
import { Refused } from './refusal.ts'

export interface EventStore {
  readonly events: RecordedEvent[]
  /** Takes the body of `POST /api/events`. @throws Refused where the server would refuse it */
  take(body: unknown, sessionId: string | undefined): EventsAnswer
  clear(): void
}

type UnsetMode = Exclude<ConsentMode, 'off'>

function asObject(body: unknown): Record<string, unknown> {
  if (isObject(body)) return body
  throw new Refused('request.invalid', [{ path: '', message: 'Not a JSON object.' }])
}

function readEvents(body: Record<string, unknown>): { events: unknown[]; isBatch: boolean } {
  if (!('events' in body)) return { events: [body], isBatch: false }
  const { events } = body
  if (!Array.isArray(events) || events.length === 0) {
    throw new Refused('request.invalid', [{ path: 'events', message: 'Holds no event.' }])
  }
  if (events.length > MAX_BATCH_EVENTS) throw new Refused('event.too_many')
  return { events, isBatch: true }
}

/** @throws Refused where the request names no session, or a person who does not want to be followed */
function readSession(body: Record<string, unknown>, given: string | undefined, unsetMode: UnsetMode) {
  const sessionId = given ?? body['sessionId']
  const { consent = { choice: 'unset' } } = body
  // Every client of ours sends a sound one.
  const mode = consentMode(consent as ConsentReport, { unsetMode })
  if (mode === 'off') throw new Refused('session.consent_denied')
  if (sessionId === undefined && mode !== 'cookieless') throw new Refused('session.id_missing')
  if (sessionId !== undefined && !isUuid(sessionId)) throw new Refused('session.id_invalid')
  return sessionId ?? null
}

/** The event log of a test: each id once, in the order of arrival. */
export function createEventStore(unsetMode: UnsetMode, onStored: (event: RecordedEvent) => void): EventStore {
  const events: RecordedEvent[] = []
  const ids = new Set<string>()

  /** @returns whether it is new */
  function store(event: EventInput, sessionId: string | null): boolean {
    const { eventId = '', payload = {} } = event
    const id = eventId.toLowerCase() || `${sessionId} ${event.seq ?? JSON.stringify(event)}`
    if (ids.has(id)) return false
    ids.add(id)
    const stored = { ...event, eventId: id, payload } as RecordedEvent
    events.push(stored)
    onStored(stored)
    return true
  }

  return {
    events,
    take(body, named) {
      const given = asObject(body)
      const batch = readEvents(given)
      const sessionId = readSession(given, named, unsetMode)
      const rejected: RejectedEvent[] = []
      let accepted = 0
      for (const [index, event] of batch.events.entries()) {
        const code = findEventFault(event)
        if (code && !batch.isBatch) throw new Refused(code)
        if (code) rejected.push({ index, code, message: REFUSALS[code].message })
        // An event without a fault is one.
        else if (store(event as EventInput, sessionId)) accepted++
      }
      const duplicates = batch.events.length - rejected.length - accepted
      return { success: true, sessionId, accepted, duplicates, rejected }
    },
    clear() {
      events.length = 0
      ids.clear()
    },
  }
}
