import { newId } from '../platform/ids.ts'
import type { Described } from './metadata.ts'
import type { SessionParts } from './parts.ts'
import { isVisitOver } from './policy.ts'
import type { Session } from './ports.ts'

/** The session with its visit of this moment: the running one, or another after a pause of 30 minutes. */
export type PursueVisit = (session: Session, described: Described, atMs: number) => Promise<Session>

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

  return async (session, described, atMs) => {
    const running = session.currentVisitId
    const endMs = running === null ? undefined : await store.findVisitEnd(running)
    if (endMs === undefined || isVisitOver(endMs, atMs)) return start(session, described, atMs)
    await store.extendVisit(session, atMs)
    return session
  }
}
