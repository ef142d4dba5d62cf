import { Problem } from '../platform/http/problem.ts'
import type { SessionParts } from './parts.ts'
import type { Session } from './ports.ts'
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
  convert(session: Session, userId: string, atMs: number): Promise<Conversion>
}

export function createLinks({ store, hot }: Pick<SessionParts, 'hot' | 'store'>): Links {
  async function linkToUser(session: Session, userId: string, atMs: number): Promise<Session> {
    const linked = await store.link(session, userId, atMs)
    if (!linked) throw new Problem('conversion.already_linked')
    return linked
  }

  return {
    linkToUser,
    async endForUser(session, atMs) {
      const ended = await store.retire(session, { atMs })
      for (const sessionId of ended) await hot.drop(session.siteId, sessionId)
    },
    async convert(session, userId, atMs) {
      // A day's visitor is nobody; only one who signed up under it has a cookie.
      if (session.mode !== 'recognition' && session.cookieHash === null) {
        throw new Problem('session.consent_denied')
      }
      const { convertedAtMs } = await linkToUser(session, userId, atMs)
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
