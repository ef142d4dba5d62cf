import type { EventInput, RefusalCode, RejectedEvent, RequestIssue, StoredEvent } from '@helloagain/protocol'
import type { HotSession } from '../sessions/ports.ts'
import type { CheckedEvent } from './check-event.ts'
import type { Placed } from './timeline.ts'

/** An event on its way into the log. */
export interface EventRow {
  readonly siteId: string
  readonly eventId: string
  readonly sessionId: string
  readonly visitorId: string
  readonly eventType: string
  /** JSON text of an object, as it is stored. */
  readonly payloadJson: string
  readonly seq: number | null
  readonly timestampMs: number
  readonly clientTimestampMs: number | null
  readonly sentAtMs: number | null
  readonly receivedAtMs: number
  readonly isProven: boolean
  /** By which it is filed; see `partition-time.ts`. */
  readonly partitionMs: number
}

/** What one request wants stored, at least one row, all of its session. */
export interface Append {
  readonly session: HotSession
  readonly rows: readonly EventRow[]
  /** Where the request came from; each source has its turn. Absent: the server itself. */
  readonly source?: string
}

/** The log itself. All appends of one flush share one transaction; answered only after COMMIT. */
export interface EventLog {
  /**
   * Stores each (site, eventId) once, for good. The new and proven ones count in the same transaction:
   * the running visit (another one after a pause of 30 minutes), the session's and the visitor's last
   * activity, and how often the visitor did what. Duplicates and unproven events count nothing there.
   * Every new event, unproven or not, counts once in the rollups.
   * After COMMIT the hot session knows its visit. Answers, per row in order, whether it was new.
   *
   * @throws Problem `server.unavailable` when the database cannot store at all; anything else is the fault of
   * one of the appends
   */
  append(appends: readonly Append[]): Promise<boolean[][]>
  /**
   * Newest first, equal times by `seq`, then by id; `before` is the cursor of the last answer.
   *
   * @throws Problem `request.invalid` for a cursor this did not hand out
   */
  listBySession(
    siteId: string,
    sessionId: string,
    page: { limit: number; before?: string },
  ): Promise<{ events: StoredEvent[]; nextBefore: string | null }>
  /** The latest events that the session's own device may have sent, as their times were decided; at most a hundred. */
  listLatest(siteId: string, sessionId: string): Promise<Placed[]>
  /** How often the visitors, taken together, did what; proven events only. */
  activityCounts(
    visitorIds: readonly string[],
  ): Promise<ReadonlyMap<string, { count: number; lastAtMs: number }>>
}

/** How many events of a type happened in a quarter of an hour. */
export interface RollupSum {
  /** Start of the quarter, UTC. */
  readonly quarterMs: number
  readonly eventType: string
  /** Each event once, also the unproven and those erased since. */
  readonly events: number
  /** Of these: came without proof on a session that has one. */
  readonly unproven: number
  /** Of these: gone with a visitor who asked for it. */
  readonly erased: number
}

/** Counts of events, which outlive the events themselves. */
export interface Rollups {
  /** Of the quarters that start at `fromMs` or later and before `toMs`, in order of time and type. */
  sum(range: { siteId: string; fromMs: number; toMs: number }): Promise<RollupSum[]>
}

/** An event that was not taken, with the field at fault. */
export interface EventFault extends RejectedEvent {
  readonly code: RefusalCode
  /** Relative to the event, for example `payload.page`. */
  readonly issue: RequestIssue
}

export interface Ingested {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: EventFault[]
}

/** What the server knows of the moment events arrived. */
export interface Arrival {
  readonly receivedAtMs: number
  /** The client's clock when it sent them; null when it did not say. */
  readonly sentAtMs: number | null
  readonly isProven: boolean
  /** The session's own device sent it, so that its clock is that of the session. Absent: no. */
  readonly isFromDevice?: boolean
  /** Where the request came from, for a fair share of what waits. Absent: the server itself. */
  readonly source?: string
}

/** An event that was taken, on its way to a row. Its time waits for the clock of its session. */
export interface EventDraft {
  /** In its request. */
  readonly index: number
  readonly event: CheckedEvent
  readonly payloadJson: string
  /** By the client's clock; null where only the arrival is known. */
  readonly clientTimestampMs: number | null
}

export interface CheckedEvents {
  readonly drafts: readonly EventDraft[]
  readonly rejected: EventFault[]
}

/** What this room offers the others. */
export interface Events {
  /** False (`ENABLE_EVENT_TRACKING=false`): `record` and `note` store nothing. */
  readonly isEnabled: boolean
  /**
   * Checks, corrects and stores events of one session; a bad event never sinks the others. Answers once they
   * are durable.
   *
   * @throws Problem `server.busy`, `server.unavailable`: nothing of this call was acknowledged
   */
  record(session: HotSession, events: readonly unknown[], arrival: Arrival): Promise<Ingested>
  /** The first half of `record`: judges events before a session is opened for them. */
  check(events: readonly unknown[], arrival: Omit<Arrival, 'isProven'>): CheckedEvents
  /** The second half of `record`. */
  store(session: HotSession, checked: CheckedEvents, arrival: Arrival): Promise<Ingested>
  /** One event of the server's own; each call is another one, unless it brings an id. */
  note(session: HotSession, event: EventInput, atMs: number): Promise<void>
  activityCounts(
    visitorIds: readonly string[],
  ): Promise<ReadonlyMap<string, { count: number; lastAtMs: number }>>
}
