import { timingSafeEqual } from 'node:crypto'
import { DPOP_NONCE_HEADER } from '@helloagain/protocol'
import type { Credential, RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import type { SessionParts } from './parts.ts'
import { isExpired } from './policy.ts'
import type { HotSession, Proof, ResolvedSession, Session } from './ports.ts'

/** What proof of a session is judged by, of the row or of the copy in memory. */
export type Provable = Pick<Session, 'cookieHash' | 'siteId' | 'visitorId'> &
  (Pick<HotSession, 'hasDeviceKey'> | Pick<Session, 'deviceKeyId'>)

/** Who may do what with which session. */
export interface Proofs {
  /** What this request proves of a session. One that has neither cookie nor key can be proven by nobody. */
  proofOf(context: RequestContext, session: Provable): Proof | undefined
  hasCookieOf(context: RequestContext, session: Provable): boolean
  /** The session this browser's device key proves, the one last seen. */
  findByKey(context: RequestContext): Promise<Session | undefined>
  /** The session this browser's cookie proves, the one last seen. */
  findByCookie(context: RequestContext): Promise<Session | undefined>
  resolve(context: RequestContext): Promise<ResolvedSession | undefined>
  /** @throws Problem `session.expired`, only with proof; that of `refusal` for a proof that is at fault */
  findProven(context: RequestContext, sessionId: string): Promise<Session | undefined>
  getProven(context: RequestContext, sessionId: string): Promise<Session>
  /** The nonce for this browser's next proof. */
  issueNonce(context: RequestContext): string
  /** Why the request proves nothing, and the nonce for its next proof: the same whatever session it asked for. */
  refusal(context: RequestContext, code?: 'session.use_dpop_nonce'): Problem
}

const isEqual = (left: string, right: string) =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))

/** A route names the scope it asks for; here any of the room's own will do. */
const hasSessionScope = (credential: Credential) =>
  credential.kind === 'secret_key' && credential.scopes.some((scope) => scope.startsWith('sessions:'))

/** A visitor has one key at a time, so that a session in memory need not name it. */
function isKeyOf({ deviceKey }: RequestContext, session: Provable): boolean {
  if (deviceKey?.visitorId !== session.visitorId) return false
  return 'hasDeviceKey' in session ? session.hasDeviceKey : session.deviceKeyId === deviceKey.keyId
}

const hasKey = (session: Provable) =>
  'hasDeviceKey' in session ? session.hasDeviceKey : session.deviceKeyId !== null

export function createProofs({
  store,
  cookie,
  devices,
}: Pick<SessionParts, 'cookie' | 'devices' | 'store'>): Proofs {
  function hasCookieOf({ cookieSecret, site }: RequestContext, { cookieHash, siteId }: Provable): boolean {
    if (cookieHash === null || cookieSecret === undefined || siteId !== site.id) return false
    return isEqual(cookie.hash(siteId, cookieSecret), cookieHash)
  }

  function proofOf(context: RequestContext, session: Provable): Proof | undefined {
    if (session.siteId !== context.site.id || (session.cookieHash === null && !hasKey(session)))
      return undefined
    if (isKeyOf(context, session)) return 'device_key'
    if (hasCookieOf(context, session)) return 'cookie'
    return hasSessionScope(context.credential) ? 'secret_key' : undefined
  }

  async function findByKey({ site, deviceKey }: RequestContext): Promise<Session | undefined> {
    if (deviceKey?.visitorId === undefined) return undefined
    return store.findByDeviceKey(site.id, deviceKey.visitorId, deviceKey.keyId)
  }

  async function findByCookie({ site, cookieSecret }: RequestContext): Promise<Session | undefined> {
    if (cookieSecret === undefined) return undefined
    return store.findByCookie(site.id, cookie.hash(site.id, cookieSecret))
  }

  function refusal(context: RequestContext, code?: 'session.use_dpop_nonce'): Problem {
    const fault = code ?? context.proofFault
    const error = fault === 'session.use_dpop_nonce' ? 'use_dpop_nonce' : 'invalid_dpop_proof'
    return new Problem(fault ?? 'session.proof_required', {
      headers: {
        [DPOP_NONCE_HEADER]: devices.issueNonce(context),
        ...(fault && { 'WWW-Authenticate': `DPoP error="${error}", algs="ES256"` }),
      },
    })
  }

  async function findProven(context: RequestContext, sessionId: string): Promise<Session | undefined> {
    const session = await store.find(context.site.id, sessionId.toLowerCase())
    if (!session || !proofOf(context, session)) {
      if (context.proofFault) throw refusal(context)
      return undefined
    }
    if (isExpired(session, context.nowMs)) throw new Problem('session.expired')
    return session
  }

  return {
    ...{ proofOf, hasCookieOf, findByKey, findByCookie, findProven, refusal },
    async resolve(context) {
      const { site, sessionId } = context
      const session =
        sessionId === undefined
          ? ((await findByKey(context)) ?? (await findByCookie(context)))
          : await store.find(site.id, sessionId)
      return session && { session, proof: proofOf(context, session) }
    },
    async getProven(context, sessionId) {
      const session = await findProven(context, sessionId)
      if (!session) throw refusal(context)
      return session
    },
    issueNonce: devices.issueNonce,
  }
}
