import { timingSafeEqual } from 'node:crypto'
import type { Credential, RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import type { SessionParts } from './parts.ts'
import { isExpired } from './policy.ts'
import type { Proof, ResolvedSession, Session } from './ports.ts'

/** Who may do what with which session. */
export interface Proofs {
  /** What this request proves of a session. One that has neither cookie nor key can be proven by nobody. */
  proofOf(context: RequestContext, session: Pick<Session, 'cookieHash' | 'siteId'>): Proof | undefined
  /** The session this browser's cookie proves, the one last seen. */
  findByCookie(context: RequestContext): Promise<Session | undefined>
  resolve(context: RequestContext): Promise<ResolvedSession | undefined>
  /** @throws Problem `session.expired`, only with proof */
  findProven(context: RequestContext, sessionId: string): Promise<Session | undefined>
  getProven(context: RequestContext, sessionId: string): Promise<Session>
}

const isEqual = (left: string, right: string) =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))

/** A route names the scope it asks for; here any of the room's own will do. */
const hasSessionScope = (credential: Credential) =>
  credential.kind === 'secret_key' && credential.scopes.some((scope) => scope.startsWith('sessions:'))

export function createProofs({ store, cookie }: Pick<SessionParts, 'cookie' | 'store'>): Proofs {
  function proofOf(
    { cookieSecret, credential, site }: RequestContext,
    { cookieHash, siteId }: Pick<Session, 'cookieHash' | 'siteId'>,
  ): Proof | undefined {
    if (cookieHash === null || siteId !== site.id) return undefined
    if (cookieSecret !== undefined && isEqual(cookie.hash(siteId, cookieSecret), cookieHash)) return 'cookie'
    return hasSessionScope(credential) ? 'secret_key' : undefined
  }

  async function findByCookie({ site, cookieSecret }: RequestContext): Promise<Session | undefined> {
    if (cookieSecret === undefined) return undefined
    return store.findByCookie(site.id, cookie.hash(site.id, cookieSecret))
  }

  async function findProven(context: RequestContext, sessionId: string): Promise<Session | undefined> {
    const session = await store.find(context.site.id, sessionId.toLowerCase())
    if (!session || !proofOf(context, session)) return undefined
    if (isExpired(session, context.nowMs)) throw new Problem('session.expired')
    return session
  }

  return {
    proofOf,
    findByCookie,
    async resolve(context) {
      const { site, sessionId } = context
      const session =
        sessionId === undefined ? await findByCookie(context) : await store.find(site.id, sessionId)
      return session && { session, proof: proofOf(context, session) }
    },
    findProven,
    async getProven(context, sessionId) {
      const session = await findProven(context, sessionId)
      if (!session) throw new Problem('session.proof_required')
      return session
    },
  }
}
