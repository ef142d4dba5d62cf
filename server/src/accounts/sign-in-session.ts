import { Problem } from '../platform/http/problem.ts'
import type { Session, Sessions } from '../sessions/ports.ts'
import type { Caller } from './ports.ts'

const isLinkedAlready = (error: unknown) =>
  error instanceof Problem && error.code === 'conversion.already_linked'

/** Two people on one computer: what the first one told stays with the first one's visitor. */
async function isSomebodyElses(sessions: Sessions, session: Session, userId: string): Promise<boolean> {
  const ofVisitor = await sessions.listByVisitor(session.siteId, session.visitorId)
  return [session, ...ofVisitor].some((known) => {
    const owner = known.userId ?? known.convertedUser
    return owner !== null && owner !== userId
  })
}

/** The session a person signs in with, linked: the proven one of this browser unless it is somebody else's, or a fresh one. */
export async function linkSession(sessions: Sessions, caller: Caller, userId: string): Promise<Session> {
  const { context } = caller
  const setCookie = (header: string) => caller.setCookie(header)
  const linkFresh = async () =>
    sessions.linkToUser(await sessions.openFresh(context, setCookie), userId, context.nowMs)

  const session = await sessions.provenOrFresh(context, setCookie)
  if (await isSomebodyElses(sessions, session, userId)) return linkFresh()
  try {
    return await sessions.linkToUser(session, userId, context.nowMs)
  } catch (error) {
    // Somebody else signed in with it at this very moment.
    if (isLinkedAlready(error)) return linkFresh()
    throw error
  }
}

/** The user whose session this browser proves to hold. */
export async function findSessionOwner(sessions: Sessions, { context }: Caller): Promise<string | undefined> {
  const named = await sessions.resolve(context)
  // An id that is not this browser's own says nothing about its cookie.
  const resolved = named?.proof ? named : await sessions.resolve({ ...context, sessionId: undefined })
  return resolved?.proof ? (resolved.session.userId ?? undefined) : undefined
}
