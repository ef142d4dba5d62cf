import type { RequestContext } from '../platform/http/context.ts'
import type { SessionParts } from './parts.ts'
import { createPresences } from './presence.ts'
import type { Proofs } from './proofs.ts'

/**
 * Somebody else is at the browser now: takes the device key from whoever this request proves to have been there, so
 * that it does not bring them back. What is not proven keeps its key.
 */
export function createReleaseKey(parts: Pick<SessionParts, 'hot' | 'recognition' | 'store'>, proofs: Proofs) {
  const { store, hot } = parts
  const presences = createPresences(parts)
  return async (context: RequestContext): Promise<void> => {
    const named = await proofs.resolve(context)
    const byCookie = await proofs.findByCookie(context)
    for (const session of [
      named?.proof ? named.session : undefined,
      byCookie,
      await proofs.findByKey(context),
    ]) {
      if (!session) continue
      await store.releaseKeys(session.siteId, session.visitorId)
      await hot.drop(session.siteId, session.sessionId)
      if (session.userId !== null) await presences.userLeft(session, session.userId, context.nowMs)
    }
  }
}
