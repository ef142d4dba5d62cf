import type { SessionView, UserData, VisitorView } from '@helloagain/protocol'
import type { Visitor } from '../recognition/ports.ts'
import type { Session } from './ports.ts'

export const iso = (atMs: number): string => new Date(atMs).toISOString()

export const provenView = (session: Session, userData: UserData | null): SessionView => ({
  sessionId: session.sessionId,
  userId: session.userId,
  userData,
  lastSeen: iso(session.lastSeenAtMs),
  metadata: session.metadata,
})

/** The same for an id that is known and one that is not: whoever asks learns nothing. */
export const unprovenView = (sessionId: string): SessionView => ({
  sessionId,
  userId: null,
  userData: null,
  lastSeen: null,
  metadata: {},
})

export const visitorView = (visitor: Visitor): VisitorView => ({
  visitorId: visitor.id,
  firstSeenAt: iso(visitor.firstSeenAtMs),
  lastSeenAt: iso(visitor.lastSeenAtMs),
  visits: visitor.visitCount,
})
