import type { EventInput } from '@helloagain/protocol'
import { REFUSALS } from '@helloagain/protocol'
import { Problem } from '../platform/http/problem.ts'
import { newId } from '../platform/ids.ts'
import type { HotSession } from '../sessions/ports.ts'
import { type CheckedEvent, checkEvent, type Fault, isFault, isTooLarge, tooLarge } from './check-event.ts'
import { createPlaceEvents } from './clock.ts'
import { createGroupCommit } from './group-commit.ts'
import { partitionMsOf } from './partition-time.ts'
import { type ClockReading, clientTimeOf, deriveEventId, isInRange, type TimeLimits } from './policy.ts'
import type { Arrival, CheckedEvents, EventDraft, EventFault, EventLog, EventRow, Events } from './ports.ts'
import { scrubPayload } from './scrub-payload.ts'

export interface EventsOptions {
  readonly log: EventLog
  readonly nowMs: () => number
  /** How long events are kept; older ones are refused. */
  readonly retentionMs: number
  /** `ENABLE_EVENT_TRACKING`. */
  readonly isEnabled: boolean
}

const MIB = 1024 * 1024
// A commit of 2,000 rows blocks the loop for some 10 ms at most (PERFORMANCE.md: 200,000 rows/s and more).
const MAX_COMMIT = { rows: 2000, bytes: 8 * MIB }
// A second's work or two; then callers are turned away.
const MAX_WAITING = { rows: 40_000, bytes: 64 * MIB }

const NOTHING = { accepted: 0, duplicates: 0 }

function outOfRange({ timestamp }: CheckedEvent): Fault {
  const code = 'event.timestamp_out_of_range'
  return {
    code,
    issue: { path: timestamp === null ? 'payload.timestamp' : 'timestamp', message: REFUSALS[code].message },
  }
}

const toEventFault = ({ code, issue }: Fault, index: number): EventFault => ({
  index,
  code,
  message: issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`,
  issue,
})

function draftOf(value: unknown, index: number, clock: ClockReading): EventDraft | Fault {
  const event = checkEvent(value)
  if (isFault(event)) return event
  const clientTimestampMs = clientTimeOf(event, clock)
  if (clientTimestampMs === undefined) return outOfRange(event)
  // What is sent is measured, not what is left of it.
  const sentJson = JSON.stringify(event.payload)
  if (isTooLarge(sentJson)) return tooLarge()
  const payload = scrubPayload(event.eventType, event.payload)
  const payloadJson = payload === event.payload ? sentJson : JSON.stringify(payload)
  return { index, event, payloadJson, clientTimestampMs }
}

/** A draft whose time is decided. */
interface Dated {
  readonly draft: EventDraft
  readonly timestampMs: number
  readonly clientTimestampMs: number | null
}

/** @param atMs when it happened by our clock, if its client said so */
function dateOne(draft: EventDraft, atMs: number | undefined, limits: TimeLimits): Dated | Fault {
  const { event, clientTimestampMs } = draft
  if (atMs !== undefined && isInRange(atMs, limits)) return { draft, timestampMs: atMs, clientTimestampMs }
  if (event.clientTimestampMs !== null) return outOfRange(event)
  return { draft, timestampMs: limits.receivedAtMs, clientTimestampMs: null }
}

function toRow(session: HotSession, { draft, ...time }: Dated, arrival: Arrival): EventRow {
  const { event } = draft
  const eventId = event.eventId ?? deriveEventId(session, event)
  return {
    siteId: session.siteId,
    eventId,
    sessionId: session.sessionId,
    visitorId: session.visitorId,
    eventType: event.eventType,
    payloadJson: draft.payloadJson,
    seq: event.seq,
    ...time,
    sentAtMs: arrival.sentAtMs,
    receivedAtMs: arrival.receivedAtMs,
    isProven: arrival.isProven,
    partitionMs: partitionMsOf({ ...event, eventId }),
  }
}

/** The events room: checks, corrects, scrubs, and stores with one commit for all who wait. */
export function createEvents({ log, nowMs, retentionMs, isEnabled }: EventsOptions): Events {
  const commits = createGroupCommit({ append: log.append, commit: MAX_COMMIT, waiting: MAX_WAITING })

  const placeEvents = createPlaceEvents(log)

  function check(
    events: readonly unknown[],
    { receivedAtMs, sentAtMs }: Omit<Arrival, 'isProven'>,
  ): CheckedEvents {
    const clock = { receivedAtMs, sentAtMs, retentionMs }
    const drafts: EventDraft[] = []
    const rejected: EventFault[] = []
    for (const [index, value] of events.entries()) {
      const draft = draftOf(value, index, clock)
      if (isFault(draft)) rejected.push(toEventFault(draft, index))
      else drafts.push(draft)
    }
    return { drafts, rejected }
  }

  /** By the clock of the session, which the limits judge as well. */
  async function date(session: HotSession, drafts: readonly EventDraft[], arrival: Arrival) {
    const moments = drafts.flatMap(({ event: { seq }, clientTimestampMs: clientMs }) =>
      clientMs === null ? [] : [{ seq, clientMs }],
    )
    const times = (await placeEvents(session, moments, arrival)).values()
    const dated: Dated[] = []
    const rejected: EventFault[] = []
    for (const draft of drafts) {
      const atMs = draft.clientTimestampMs === null ? undefined : times.next().value
      const one = dateOne(draft, atMs, { receivedAtMs: arrival.receivedAtMs, retentionMs })
      if (isFault(one)) rejected.push(toEventFault(one, draft.index))
      else dated.push(one)
    }
    return { dated, rejected }
  }

  async function store(session: HotSession, checked: CheckedEvents, arrival: Arrival) {
    if (!isEnabled || checked.drafts.length === 0) return { ...NOTHING, rejected: checked.rejected }
    const { dated, rejected: late } = await date(session, checked.drafts, arrival)
    const rejected = [...checked.rejected, ...late].sort((left, right) => left.index - right.index)
    const isNew = await commits.append({
      session,
      rows: dated.map((one) => toRow(session, one, arrival)),
      ...(arrival.source !== undefined && { source: arrival.source }),
    })
    const accepted = isNew.filter(Boolean).length
    return { accepted, duplicates: isNew.length - accepted, rejected }
  }

  return {
    isEnabled,
    check,
    store,
    record: (session, events, arrival) => store(session, check(events, arrival), arrival),
    async note(session, event: EventInput, atMs) {
      const arrival = { receivedAtMs: nowMs(), sentAtMs: null, isProven: true }
      // Each call is an event: two alike within a millisecond would else get one id.
      const noted = { eventId: newId(), ...event, timestamp: new Date(atMs).toISOString() }
      const checked = check([noted], arrival)
      const [refused] = checked.rejected
      if (refused) throw new Problem(refused.code, { issues: [refused.issue] })
      await store(session, checked, arrival)
    },
    activityCounts: log.activityCounts,
  }
}
