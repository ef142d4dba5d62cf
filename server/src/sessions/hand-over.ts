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

  async function findProven(context: RequestContext) {
    const named = await proofs.resolve(context)
    const found = [
      named?.proof ? named.session : undefined,
      await proofs.findByCookie(context),
      await proofs.findByKey(context),
    ]
    return new Map(found.flatMap((session) => (session ? [[session.id, session]] : [])))
  }

  return async (context) => {
    const { site, credential, nowMs } = context
    const sessions = [...(await findProven(context)).values()]
    const visitorIds = new Set(sessions.map(({ visitorId }) => visitorId))
    if (credential.kind === 'anonymous') visitorIds.add(credential.visitorId)
    for (const visitorId of visitorIds) {
      await recognition.markShared(site.id, visitorId)
      await store.releaseKeys(site.id, visitorId)
    }
    for (const session of sessions) {
      await hot.drop(site.id, session.sessionId)
      if (session.userId !== null) await presences.userLeft(session, session.userId, nowMs)
    }
  }
}
