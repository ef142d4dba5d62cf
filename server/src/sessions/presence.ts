import type { RequestContext } from '../platform/http/context.ts'
import type { SessionParts } from './parts.ts'
import type { Session } from './ports.ts'

/** A person who logged in, signed up or was converted, or is still logged in. */
export interface Arrival {
  readonly userId: string
  readonly atMs: number
  /** When the person is gone unless told otherwise; null where that is not known. */
  readonly untilMs: number | null
  /** The request of the person's own browser, where it is one. */
  readonly context?: Pick<RequestContext, 'hasOptOutSignal'>
}

/** Who is at which browser, told to the recognition room. */
export interface Presences {
  /** Nothing is kept of sessions that are not to be recognised, nor under an opt-out signal no click has overruled. */
  userArrived(session: Session, arrival: Arrival): Promise<void>
  userLeft(session: Session, userId: string, atMs: number): Promise<void>
}

export function createPresences({
  store,
  recognition,
}: Pick<SessionParts, 'recognition' | 'store'>): Presences {
  const presenceOf = ({ siteId, visitorId }: Session, userId: string) => ({ siteId, visitorId, userId })

  async function hasAgreed({ siteId, sessionId }: Session): Promise<boolean> {
    const last = await store.findLastDecision(siteId, sessionId)
    return last?.choice === 'granted' && last.byPerson
  }

  return {
    async userArrived(session, { userId, atMs, untilMs, context }) {
      if (session.mode !== 'recognition') return
      if (context?.hasOptOutSignal && !(await hasAgreed(session))) return
      await recognition.userArrived(presenceOf(session, userId), atMs, untilMs)
    },
    userLeft: (session, userId, atMs) => recognition.userLeft(presenceOf(session, userId), atMs),
  }
}
