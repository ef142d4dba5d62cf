import { VISIT_GAP_MS } from '@helloagain/protocol'
import { newId } from '../platform/ids.ts'
import type { HotSession } from '../sessions/ports.ts'
import type { Append, EventRow } from './ports.ts'

/** The visit that the database knows of a session. */
export interface KnownVisit {
  readonly id: string
  readonly lastAtMs: number
}

/** What one flush adds to one session: counted row by row, written once. */
export interface Tally {
  readonly siteId: string
  readonly sessionId: string
  readonly visitorId: string
  readonly hotSessions: HotSession[]
  visitId: string
  isNewVisit: boolean
  events: number
  pages: number
  firstAtMs: number
  lastAtMs: number
  receivedAtMs: number
  readonly activities: Map<string, { count: number; lastAtMs: number }>
}

/** Whether the hot session cannot name the visit that a moment falls into, so that the database must be asked. */
export const needsVisit = (session: HotSession, atMs: number): boolean =>
  session.visitId === null || atMs - session.lastActivityAtMs > VISIT_GAP_MS

/** When an append happened: the latest of its events, but never ahead of our own clock. */
export function activityAtMs({ rows }: Append): number {
  let latestMs = Number.NEGATIVE_INFINITY
  for (const { timestampMs, receivedAtMs } of rows) {
    latestMs = Math.max(latestMs, Math.min(timestampMs, receivedAtMs))
  }
  return latestMs
}

/**
 * Opens the tally of a session.
 *
 * @param known what the database says; asked only when {@link needsVisit}
 */
export function openTally({ session }: Append, atMs: number, known: KnownVisit | undefined): Tally {
  const running = known && atMs - known.lastAtMs <= VISIT_GAP_MS ? known.id : undefined
  const isNewVisit = needsVisit(session, atMs) && running === undefined
  return {
    siteId: session.siteId,
    sessionId: session.sessionId,
    visitorId: session.visitorId,
    hotSessions: [session],
    visitId: (needsVisit(session, atMs) ? running : session.visitId) ?? newId(),
    isNewVisit,
    events: 0,
    pages: 0,
    firstAtMs: Number.POSITIVE_INFINITY,
    lastAtMs: Number.NEGATIVE_INFINITY,
    receivedAtMs: 0,
    activities: new Map(),
  }
}

/** Counts one event that was new and proven. */
export function count(tally: Tally, { eventType, timestampMs, receivedAtMs }: EventRow): void {
  const atMs = Math.min(timestampMs, receivedAtMs)
  tally.events += 1
  if (eventType === 'PAGE_VIEW') tally.pages += 1
  tally.firstAtMs = Math.min(tally.firstAtMs, atMs)
  tally.lastAtMs = Math.max(tally.lastAtMs, atMs)
  tally.receivedAtMs = Math.max(tally.receivedAtMs, receivedAtMs)
  const activity = tally.activities.get(eventType)
  if (activity) {
    activity.count += 1
    activity.lastAtMs = Math.max(activity.lastAtMs, atMs)
  } else tally.activities.set(eventType, { count: 1, lastAtMs: atMs })
}

/** What its hot sessions have learnt of the clock of its device; null: nothing. */
export const clockOffsetOf = ({ hotSessions }: Tally): number | null =>
  hotSessions.find(({ clockOffsetMs }) => clockOffsetMs !== null)?.clockOffsetMs ?? null

// Last activity moves two indexes for every event of a busy session; nobody reads it finer than this.
const SEEN_STEP_MS = 1000
/** When the last activity of a hot session was last written, and what its clock was known to be. */
const written = new WeakMap<HotSession, { readonly atMs: number; readonly offsetMs: number | null }>()

/** Whether the last activity of session and visitor is to be written: with a new visit or clock, else once a second. */
export const isSeenAnew = ({ hotSessions, isNewVisit, receivedAtMs }: Tally): boolean =>
  isNewVisit ||
  hotSessions.every((hot) => {
    const { atMs, offsetMs } = written.get(hot) ?? { atMs: 0, offsetMs: null }
    return Math.abs(receivedAtMs - atMs) >= SEEN_STEP_MS || hot.clockOffsetMs !== offsetMs
  })

/** Tells the hot sessions what was committed; never before COMMIT, which may fail. */
export function settle(tallies: Iterable<Tally>): void {
  for (const tally of tallies) {
    if (tally.events === 0) continue
    const wasSeen = isSeenAnew(tally)
    for (const session of tally.hotSessions) {
      if (wasSeen) written.set(session, { atMs: tally.receivedAtMs, offsetMs: session.clockOffsetMs })
      session.visitId = tally.visitId
      session.lastActivityAtMs = Math.max(session.lastActivityAtMs, tally.lastAtMs)
      session.pagesVisited += tally.pages
    }
  }
}

/** Sessions of two sites may share an id; the separator stands in no id. */
export const tallyKey = ({ siteId, sessionId }: HotSession): string => `${siteId}\n${sessionId}`
