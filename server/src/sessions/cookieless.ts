import type { RequestContext } from '../platform/http/context.ts'
import { newId } from '../platform/ids.ts'
import type { DaySalt } from './day-salt.ts'
import { toHot } from './maker.ts'
import { type Described, describe } from './metadata.ts'
import type { SessionParts } from './parts.ts'
import type { HotSession, Session } from './ports.ts'

/**
 * Sessions of people who are not to be recognised. Both ids are of the day: the session's comes from the one the page
 * holds in memory, the visitor's from site, truncated address and user agent; the salt behind them is dropped at
 * midnight. There is no cookie, and so no proof, no profile and nothing to answer.
 */
export interface Cookieless {
  /** The session of the day for the id a page sent, made when there is none. */
  open(context: RequestContext, sentId: string, described?: Described): Promise<HotSession>
}

/** Families without the network: what is kept of a day shows no address. */
const describeHeaders = ({ request: { headers } }: RequestContext) =>
  describe({ metadata: undefined, userAgent: headers['user-agent'], origin: headers.origin })

export function createCookieless(
  { store, hot, nowMs }: Pick<SessionParts, 'hot' | 'nowMs' | 'store'>,
  salt: DaySalt,
): Cookieless {
  function build(context: RequestContext, sessionId: string, { metadata, touch }: Described): Session {
    const { site, address, nowMs: atMs, request } = context
    const seen = { ...touch, at: new Date(atMs).toISOString() }
    const agent = request.headers['user-agent'] ?? ''
    return {
      id: newId(),
      siteId: site.id,
      sessionId,
      visitorId: salt.id(JSON.stringify(['visitor', site.id, address.prefix, agent])),
      userId: null,
      cookieHash: null,
      deviceKeyId: null,
      mode: 'cookieless',
      metadata,
      firstTouch: seen,
      lastTouch: seen,
      currentVisitId: null,
      lastSeenAtMs: atMs,
      // Nothing can bring it back tomorrow.
      expiresAtMs: atMs + 86_400_000,
      clockOffsetMs: null,
      convertedAtMs: null,
      convertedUser: null,
      createdAtMs: atMs,
    }
  }

  return {
    async open(context, sentId, described) {
      const { site } = context
      const sessionId = salt.id(JSON.stringify(['session', site.id, sentId]))
      const known = await hot.get(site.id, sessionId)
      if (known) return known
      const session = build(context, sessionId, described ?? describeHeaders(context))
      const visit = { id: newId(), atMs: nowMs(), touch: session.firstTouch }
      const fresh = { ...session, currentVisitId: visit.id }
      const isMaker = await store.open(fresh, { isNewVisitor: true, visit })
      const opened = toHot(isMaker ? fresh : ((await store.find(site.id, sessionId)) ?? fresh))
      await hot.set(opened)
      return opened
    },
  }
}
