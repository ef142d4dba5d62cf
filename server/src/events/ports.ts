import type { EventInput, EventPayload, RejectedEvent, StoredEvent } from '@helloagain/protocol'
import type { HotSession } from '../sessions/ports.ts'

/** An event on its way into the log. */
export interface EventRow {
  readonly siteId: string
  readonly eventId: string
  readonly sessionId: string
  readonly visitorId: string
  readonly visitId: string | null
  readonly eventType: string
  readonly payload: EventPayload
  readonly seq: number | null
  readonly timestampMs: number
  readonly clientTimestampMs: number | null
  readonly sentAtMs: number | null
  readonly receivedAtMs: number
  readonly isProven: boolean
}

/** What one request wants stored. */
export interface Append {
  readonly session: HotSession
  readonly rows: readonly EventRow[]
}

/** The log itself. All appends of one flush share one transaction; answered only after COMMIT. */
export interface EventLog {
  /**
   * Stores each (site, eventId) once, for good, and counts visits and activities of the new ones
   * in the same transaction. Answers, per row in order, whether it was new.
   */
  append(appends: readonly Append[]): Promise<boolean[][]>
  /** Newest first; `before` is the cursor of the last answer. */
  listBySession(
    siteId: string,
    sessionId: string,
    page: { limit: number; before?: string },
  ): Promise<{ events: StoredEvent[]; nextBefore: string | null }>
  /** How often the visitors did what. */
  activityCounts(
    visitorIds: readonly string[],
  ): Promise<ReadonlyMap<string, { count: number; lastAtMs: number }>>
}

export interface Ingested {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: RejectedEvent[]
}

/** What this room offers the others. */
export interface Events {
  /** Checks, corrects and stores events of one session; a bad event never sinks the others. */
  record(
    session: HotSession,
    events: readonly unknown[],
    arrival: { receivedAtMs: number; sentAtMs: number | null; isProven: boolean },
  ): Promise<Ingested>
  /** One event of the server's own. */
  note(session: HotSession, event: EventInput, atMs: number): Promise<void>
  activityCounts(
    visitorIds: readonly string[],
  ): Promise<ReadonlyMap<string, { count: number; lastAtMs: number }>>
}
