import type { SessionParts } from './parts.ts'
import type { Session } from './ports.ts'
import { iso } from './views.ts'

/** What another room holds of a visitor, as JSON for that person. */
export type VisitorExporter = (siteId: string, visitorId: string) => Promise<unknown>

/** All that is held of a session's visitor, by room. */
export type ExportVisitor = (
  session: Session,
  exporters: Readonly<Record<string, VisitorExporter>>,
) => Promise<Record<string, unknown>>

const sessionView = ({ cookieHash, deviceKeyId, ...session }: Session) => ({
  sessionId: session.sessionId,
  mode: session.mode,
  userId: session.userId,
  hasCookie: cookieHash !== null,
  deviceKeyId,
  metadata: session.metadata,
  firstTouch: session.firstTouch,
  lastTouch: session.lastTouch,
  createdAt: iso(session.createdAtMs),
  lastSeenAt: iso(session.lastSeenAtMs),
  expiresAt: iso(session.expiresAtMs),
  convertedAt: session.convertedAtMs === null ? null : iso(session.convertedAtMs),
  convertedUser: session.convertedUser,
})

export function createExportVisitor({ store }: Pick<SessionParts, 'store'>): ExportVisitor {
  return async ({ siteId, visitorId }, exporters) => {
    const sessions = await store.listByVisitor(siteId, visitorId)
    const visits = await store.listVisits(visitorId)
    const profile = await store.listProfile(visitorId)
    const progress = await store.listProgress(visitorId)
    const decisions = await store.listDecisions(
      siteId,
      sessions.map(({ sessionId }) => sessionId),
    )
    const held: Record<string, unknown> = {
      sessions: sessions.map(sessionView),
      visits: visits.map(({ startedAtMs, lastAtMs }) => ({
        startedAt: iso(startedAtMs),
        lastAt: iso(lastAtMs),
      })),
      profile: profile.map(({ updatedAtMs, ...field }) => ({ ...field, updatedAt: iso(updatedAtMs) })),
      progress: progress.map(({ updatedAtMs, ...saved }) => ({ ...saved, updatedAt: iso(updatedAtMs) })),
      consent: decisions.map(({ siteId: _, decidedAtMs, ...decision }) => ({
        ...decision,
        decidedAt: iso(decidedAtMs),
      })),
    }
    for (const [room, tell] of Object.entries(exporters)) held[room] = await tell(siteId, visitorId)
    return held
  }
}
