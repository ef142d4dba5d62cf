import type { Session, Sessions } from '../sessions/ports.ts'
import type { Caller } from './ports.ts'

/** The session a person signs in with: proven by this browser and not somebody else's, or a fresh one. */
export async function openSessionFor(sessions: Sessions, caller: Caller, userId: string): Promise<Session> {
  const { context } = caller
  const setCookie = (header: string) => caller.setCookie(header)
  const session = await sessions.provenOrFresh(context, setCookie)
  const owner = session.userId ?? session.convertedUser
  if (owner === null || owner === userId) return session
  // Two people on one computer: what the first one told stays with the first one.
  return sessions.provenOrFresh(
    { ...context, sessionId: undefined, cookieSecret: undefined, credential: { kind: 'none' } },
    setCookie,
  )
}

/** The user whose session this browser proves to hold. */
export async function findSessionOwner(sessions: Sessions, { context }: Caller): Promise<string | undefined> {
  const resolved = await sessions.resolve(context)
  return resolved?.proof === undefined ? undefined : (resolved.session.userId ?? undefined)
}
