import type { ConsentMode } from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import { newId } from '../platform/ids.ts'
import type { Described } from './metadata.ts'
import { describe } from './metadata.ts'
import type { SessionParts } from './parts.ts'
import type { HotSession, Session } from './ports.ts'
import type { NewVisit } from './session-rows.ts'

/** What a new session goes on from. */
export interface Basis {
  /** Absent: a new visitor. */
  readonly visitorId?: string
  readonly userId?: string | null
  /** The visit that is running. */
  readonly visitId?: string | null
  /** The visitor's device key, where it is bound. */
  readonly deviceKeyId?: string | null
  /** Somebody else at the same browser, under a secret of their own: whoever has the old cookie loses it. */
  readonly isFresh?: boolean
  /** A secret of its own where the browser's did not prove the visitor: it may have been planted. */
  readonly hasNewSecret?: boolean
}

export interface Making {
  readonly sessionId: string
  readonly mode: ConsentMode
  readonly basis: Basis
  readonly described?: Described
  /** False where the events that follow count their visit themselves. @default true */
  readonly countsVisit?: boolean
}

export interface Made {
  readonly session: Session
  /** False: another request made the session at this moment, and this one proves nothing of it. */
  readonly isMaker: boolean
  readonly isNewVisitor: boolean
  /** The cookie for the browser that made it. */
  readonly setCookie: string | undefined
}

export interface Maker {
  make(context: RequestContext, making: Making): Promise<Made>
  /** The cookie again, so that it lives as long as the session. */
  renewCookie(context: RequestContext): string | undefined
  /** Gives a session whose cookie was lost another; none where another request just did. */
  healCookie(session: Session): Promise<{ session: Session; setCookie: string | undefined }>
}

export function toHot(session: Session): HotSession {
  const { siteId, sessionId, visitorId, mode, cookieHash, expiresAtMs } = session
  return {
    siteId,
    sessionId,
    visitorId,
    mode,
    cookieHash,
    hasDeviceKey: session.deviceKeyId !== null,
    expiresAtMs,
    visitId: session.currentVisitId,
    lastActivityAtMs: session.lastSeenAtMs,
    clockOffsetMs: session.clockOffsetMs,
    firstSeenAtMs: session.createdAtMs,
    pagesVisited: 0,
  }
}

/** What the request's own headers tell, where no page describes itself. */
function describeRequest(context: RequestContext): Described {
  const { headers } = context.request
  return describe({
    metadata: undefined,
    userAgent: headers['user-agent'],
    origin: headers.origin,
    network: context.address.prefix,
  })
}

/**
 * Makes sessions, each with the cookie that proves it. That of a back end's session is handed to nobody: a secret key
 * alone can prove it.
 */
export function createMaker({ store, hot, cookie, expiryMs, events }: SessionParts): Maker {
  const maxAgeSeconds = expiryMs / 1000

  function secretFor({ credential, cookieSecret }: RequestContext, { basis }: Making): string {
    const isOwn = credential.kind === 'secret_key' || basis.isFresh || basis.hasNewSecret
    return (isOwn ? undefined : cookieSecret) ?? cookie.newSecret()
  }

  function build(context: RequestContext, making: Making, cookieHash: string) {
    const { site, nowMs } = context
    const { basis, mode, described = describeRequest(context) } = making
    const touch = { ...described.touch, at: new Date(nowMs).toISOString() }
    const startsVisit = !basis.visitId && making.countsVisit !== false
    const visit: NewVisit | null = startsVisit ? { id: newId(), atMs: nowMs, touch } : null
    const session: Session = {
      id: newId(),
      siteId: site.id,
      sessionId: making.sessionId,
      visitorId: basis.visitorId ?? newId(),
      userId: basis.userId ?? null,
      cookieHash,
      deviceKeyId: basis.deviceKeyId ?? null,
      mode,
      metadata: described.metadata,
      firstTouch: touch,
      lastTouch: touch,
      currentVisitId: visit?.id ?? basis.visitId ?? null,
      lastSeenAtMs: nowMs,
      expiresAtMs: nowMs + expiryMs,
      clockOffsetMs: null,
      convertedAtMs: null,
      convertedUser: null,
      createdAtMs: nowMs,
    }
    return { session, visit }
  }

  async function announce(
    { siteId, visitorId, createdAtMs: atMs }: Session,
    isNew: boolean,
    isVisit: boolean,
  ) {
    if (isNew) await events.visitorCreated({ siteId, visitorId, atMs })
    else if (isVisit) await events.visitorReturned({ siteId, visitorId, atMs })
  }

  async function make(context: RequestContext, making: Making): Promise<Made> {
    const secret = secretFor(context, making)
    const { session, visit } = build(context, making, cookie.hash(context.site.id, secret))
    const isNewVisitor = making.basis.visitorId === undefined
    const isShared = making.basis.isFresh === true
    if (await store.open(session, { isNewVisitor, isShared, visit })) {
      await announce(session, isNewVisitor, visit !== null)
      await hot.set(toHot(session))
      const isBackEnd = context.credential.kind === 'secret_key'
      const setCookie = isBackEnd ? undefined : cookie.header(secret, maxAgeSeconds)
      return { session, isMaker: true, isNewVisitor, setCookie }
    }
    const existing = await store.find(session.siteId, session.sessionId)
    // Made and erased between two statements: as good as never made.
    if (!existing) return make(context, { ...making, sessionId: newId() })
    return { session: existing, isMaker: false, isNewVisitor: false, setCookie: undefined }
  }

  return {
    make,
    renewCookie: ({ cookieSecret }) =>
      cookieSecret === undefined ? undefined : cookie.header(cookieSecret, maxAgeSeconds),
    async healCookie(session) {
      const secret = cookie.newSecret()
      const cookieHash = cookie.hash(session.siteId, secret)
      if (!(await store.replaceCookie(session, cookieHash))) return { session, setCookie: undefined }
      return { session: { ...session, cookieHash }, setCookie: cookie.header(secret, maxAgeSeconds) }
    },
  }
}
