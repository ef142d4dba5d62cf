import type { RequestContext } from '../platform/http/context.ts'
import type { SessionParts } from './parts.ts'
import { createPresences } from './presence.ts'
import type { Proofs } from './proofs.ts'

/** Somebody else is at the browser now. */
type HandOver = (context: RequestContext) => Promise<void>

/**
 * Takes the device key from whoever this request proves to have been there, and remembers that the browser is not
 * theirs alone: neither key nor fingerprint is to bring them back. Who is not proven keeps the key.
 */
export function createHandOver(
  parts: Pick<SessionParts, 'hot' | 'recognition' | 'store'>,
  proofs: Proofs,
): HandOver {
  const { store, hot, recognition } = parts
  const presences = createPresences(parts)

  return async (context) => {
    const named = await proofs.resolve(context)
    const proven = [
      named?.proof ? named.session : undefined,
      await proofs.findByCookie(context),
      await proofs.findByKey(context),
    ]
    for (const session of proven) {
      if (!session) continue
      const { siteId, visitorId, sessionId, userId } = session
      await recognition.markShared(siteId, visitorId)
      await store.releaseKeys(siteId, visitorId)
      await hot.drop(siteId, sessionId)
      if (userId !== null) await presences.userLeft(session, userId, context.nowMs)
    }
  }
}
