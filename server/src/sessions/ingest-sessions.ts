import type { ConsentMode } from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import type { Cookieless } from './cookieless.ts'
import { type Maker, toHot } from './maker.ts'
import type { SessionParts } from './parts.ts'
import { isExpired, isVisitOver } from './policy.ts'
import type { HotSession, Session, Sessions } from './ports.ts'
import type { Proofs } from './proofs.ts'

export interface IngestParts extends Pick<SessionParts, 'events' | 'hot' | 'store'> {
  readonly proofs: Proofs
  readonly maker: Maker
  readonly cookieless: Cookieless
}

/** Sessions for events: from memory where they are hot, made where the id is unknown. */
export function createOpenForEvents(parts: IngestParts): Sessions['openForEvents'] {
  const { store, hot, proofs, maker, cookieless, events } = parts

  /** A back end with `events:write` speaks for the site; a browser proves its own session. An expired one proves nothing. */
  function isProvenBy(context: RequestContext, session: HotSession): boolean {
    if (isExpired(session, context.nowMs)) return false
    const { credential, site } = context
    if (credential.kind === 'secret_key' && credential.scopes.includes('events:write')) {
      return session.siteId === site.id
    }
    return proofs.proofOf(context, session) !== undefined
  }

  /** Somebody who comes back to a page that does not open its session again. */
  async function announceReturn({ siteId, visitorId, lastActivityAtMs }: HotSession, atMs: number) {
    if (isVisitOver(lastActivityAtMs, atMs)) await events.visitorReturned({ siteId, visitorId, atMs })
  }

  async function make(context: RequestContext, sessionId: string) {
    const held = (await proofs.findByKey(context)) ?? (await proofs.findByCookie(context))
    const goesOn = held && held.mode === 'recognition' && !isExpired(held, context.nowMs)
    const basis = goesOn
      ? { visitorId: held.visitorId, userId: held.userId, visitId: held.currentVisitId }
      : {}
    const made = await maker.make(context, { sessionId, mode: 'recognition', basis, countsVisit: false })
    const session = await heat(made.session)
    return { session, isProven: made.isMaker || isProvenBy(context, session), setCookie: made.setCookie }
  }

  async function heat(session: Session): Promise<HotSession> {
    const { siteId, sessionId } = session
    const before = await hot.get(siteId, sessionId)
    if (before) return before
    const heated = toHot(session)
    await hot.set(heated)
    return heated
  }

  /** The row's expiry rolls with every activity, also on other servers; the copy in memory only knows the first one. */
  async function findHot({ site, nowMs }: RequestContext, sessionId: string) {
    const known = await hot.get(site.id, sessionId)
    if (!known || !isExpired(known, nowMs)) return known
    await hot.drop(site.id, sessionId)
    return undefined
  }

  return async (context: RequestContext, sessionId: string, mode: ConsentMode) => {
    if (mode === 'off') throw new Problem('session.consent_denied')
    if (mode === 'cookieless') {
      return { session: await cookieless.open(context, sessionId), isProven: true, setCookie: undefined }
    }
    const known = await findHot(context, sessionId)
    const stored = known ? undefined : await store.find(context.site.id, sessionId)
    if (!known && !stored) return make(context, sessionId)
    const session = known ?? (await heat(stored as Session))
    const isProven = isProvenBy(context, session)
    if (isProven) await announceReturn(session, context.nowMs)
    return { session, isProven, setCookie: undefined }
  }
}
