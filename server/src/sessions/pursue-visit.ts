import { newId } from '../platform/ids.ts'
import type { Described } from './metadata.ts'
import type { SessionParts } from './parts.ts'
import { isVisitOver } from './policy.ts'
import type { Session } from './ports.ts'
import type { SessionPatch } from './session-rows.ts'

/** What a refresh changes of a session; `lastSeenAtMs` is its moment. */
export type Refresh = Required<Pick<SessionPatch, 'expiresAtMs' | 'lastSeenAtMs' | 'metadata'>>

/**
 * Writes a refresh and answers the session with its visit of this moment: the running one, or another after a pause
 * of 30 minutes.
 */
export type PursueVisit = (session: Session, described: Described, change: Refresh) => Promise<Session>

export function createPursueVisit({ store, events }: Pick<SessionParts, 'events' | 'store'>): PursueVisit {
  async function start(session: Session, described: Described, atMs: number): Promise<Session> {
    const touch = { ...described.touch, at: new Date(atMs).toISOString() }
    const visit = { id: newId(), atMs, touch }
    if (!(await store.startVisit(session, visit))) {
      return (await store.find(session.siteId, session.sessionId)) ?? session
    }
    const { siteId, visitorId } = session
    if (session.currentVisitId !== null) await events.visitorReturned({ siteId, visitorId, atMs })
    await store.update(session, { lastTouch: touch })
    return { ...session, currentVisitId: visit.id, lastTouch: touch }
  }

  return async (session, described, change) => {
    const { lastSeenAtMs: atMs } = change
    const running = session.currentVisitId
    const endMs = running === null ? undefined : await store.findVisitEnd(running)
    if (endMs === undefined || isVisitOver(endMs, atMs)) {
      await store.update(session, change)
      return { ...(await start(session, described, atMs)), ...change }
    }
    await store.extendVisit(session, change)
    return { ...session, ...change }
  }
}
