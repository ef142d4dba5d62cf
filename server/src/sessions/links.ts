import { Problem } from '../platform/http/problem.ts'
import type { SessionParts } from './parts.ts'
import type { Session } from './ports.ts'
import { type Arrival, createPresences } from './presence.ts'
import type { Touch } from './tables.ts'

/** A session linked to a user, with what led there. */
export interface Conversion {
  readonly convertedAtMs: number
  readonly convertedUser: string
  readonly firstTouch: Touch | null
  readonly lastTouch: Touch | null
  /** Every session that this user's conversion has linked, oldest first. */
  readonly linkedSessions: readonly string[]
}

/** Sessions and the users they turned out to be. */
export interface Links {
  linkToUser(session: Session, userId: string, atMs: number): Promise<Session>
  endForUser(session: Session, atMs: number): Promise<void>
  /** @throws Problem `conversion.already_linked`, `session.consent_denied` */
  convert(session: Session, arrival: Omit<Arrival, 'untilMs'>): Promise<Conversion>
}

export function createLinks(parts: Pick<SessionParts, 'hot' | 'recognition' | 'store'>): Links {
  const { store, hot, recognition } = parts
  const presences = createPresences(parts)

  async function linkToUser(session: Session, userId: string, atMs: number): Promise<Session> {
    const linked = await store.link(session, userId, atMs)
    if (!linked) throw new Problem('conversion.already_linked')
    await recognition.keepApart(linked.siteId, linked.visitorId, atMs)
    return linked
  }

  return {
    linkToUser,
    async endForUser(session, atMs) {
      const ended = await store.retire(session, { atMs })
      for (const sessionId of ended) await hot.drop(session.siteId, sessionId)
      if (session.userId !== null) await presences.userLeft(session, session.userId, atMs)
    },
    async convert(session, arrival) {
      const { userId, atMs } = arrival
      // A day's visitor is nobody; only one who signed up under it has a cookie.
      if (session.mode !== 'recognition' && session.cookieHash === null) {
        throw new Problem('session.consent_denied')
      }
      const { convertedAtMs } = await linkToUser(session, userId, atMs)
      await presences.userArrived(session, { ...arrival, untilMs: null })
      const all = await store.listByVisitor(session.siteId, session.visitorId)
      const linked = all.filter(({ convertedUser }) => convertedUser === userId)
      return {
        convertedAtMs: convertedAtMs ?? atMs,
        convertedUser: userId,
        firstTouch: linked.at(0)?.firstTouch ?? null,
        lastTouch: linked.at(-1)?.lastTouch ?? null,
        linkedSessions: linked.map(({ sessionId }) => sessionId),
      }
    },
  }
}
