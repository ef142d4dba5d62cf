import type { HotSession, Session } from '../sessions/ports.ts'

/** A stored session as the event log wants it; which visit runs, the log asks the database. */
export const toHotSession = (session: Session): HotSession => ({
  siteId: session.siteId,
  sessionId: session.sessionId,
  visitorId: session.visitorId,
  mode: session.mode,
  cookieHash: session.cookieHash,
  hasDeviceKey: session.deviceKeyId !== null,
  expiresAtMs: session.expiresAtMs,
  visitId: null,
  lastActivityAtMs: session.lastSeenAtMs,
  clockOffsetMs: session.clockOffsetMs,
  firstSeenAtMs: session.createdAtMs,
  pagesVisited: 0,
})
