import type { IncomingMessage } from 'node:http'
import type { ConsentMode, ProfileValue, UserData } from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import type { Touch } from './tables.ts'

/** The long-lived anonymous id of a visitor. */
export interface Session {
  readonly id: string
  readonly siteId: string
  readonly sessionId: string
  readonly visitorId: string
  readonly userId: string | null
  readonly cookieHash: string | null
  readonly deviceKeyId: string | null
  readonly mode: ConsentMode
  readonly metadata: Record<string, unknown>
  readonly firstTouch: Touch | null
  readonly lastTouch: Touch | null
  readonly currentVisitId: string | null
  readonly lastSeenAtMs: number
  readonly expiresAtMs: number
  /** How far its device's clock is behind ours; null before it said. */
  readonly clockOffsetMs: number | null
  readonly convertedAtMs: number | null
  readonly convertedUser: string | null
  readonly createdAtMs: number
}

export type Proof = 'cookie' | 'device_key' | 'secret_key'

/** What the `DPoP` header of a request shows; nothing where there is none. Asked once a request: a proof counts once. */
export type ReadDeviceProof = (
  request: IncomingMessage,
  asked: { readonly siteId: string; readonly nowMs: number },
) => Promise<Pick<RequestContext, 'deviceKey' | 'proofFault'>>

/** The session a request speaks of, and what proves it. */
export interface ResolvedSession {
  readonly session: Session
  readonly proof: Proof | undefined
}

/** What an event needs to know of its session; kept hot for half an hour. */
export interface HotSession {
  readonly siteId: string
  readonly sessionId: string
  readonly visitorId: string
  readonly mode: ConsentMode
  /** Null: the session has neither cookie nor key. */
  readonly cookieHash: string | null
  readonly hasDeviceKey: boolean
  readonly expiresAtMs: number
  /** The running visit; a pause over 30 minutes starts another. */
  visitId: string | null
  lastActivityAtMs: number
  /** As in {@link Session}. */
  clockOffsetMs: number | null
  firstSeenAtMs: number
  pagesVisited: number
}

/** Hot sessions, 30 minutes after their last use; memory now, Redis later. */
export interface HotSessions {
  /** Each read counts as a use. */
  get(siteId: string, sessionId: string): Promise<HotSession | undefined> | HotSession | undefined
  set(session: HotSession): Promise<void> | void
  drop(siteId: string, sessionId: string): Promise<void> | void
}

/** Called by other rooms at the moments that matter to them; handed in by the composition root. */
export interface SessionEvents {
  /** A visitor came into being. */
  visitorCreated(visitor: { siteId: string; visitorId: string; atMs: number }): Promise<void>
  /** A known visitor came back: a new visit, or weak evidence pointed a fresh visitor at a known one. */
  visitorReturned(visitor: { siteId: string; visitorId: string; atMs: number }): Promise<void>
}

/** What this room offers the others. */
export interface Sessions {
  /** The session of `X-Session-ID` or of the cookie, with the proof this request brings; undefined if none is known. */
  resolve(context: RequestContext): Promise<ResolvedSession | undefined>
  /**
   * The session with proof of this request.
   *
   * @throws Problem `session.proof_required` also for an id never issued; `session.expired` only with proof
   */
  getProven(context: RequestContext, sessionId: string): Promise<Session>
  /**
   * The proven session of this request, else a fresh one whose cookie `setCookie` hands to the browser:
   * what sign-up, log-in and anonymous auth link (never an unproven id: fixation). An id that nobody has
   * used yet is taken; its cookie makes it this browser's.
   */
  provenOrFresh(context: RequestContext, setCookie: (header: string) => void): Promise<Session>
  /**
   * A session of a new visitor under a new cookie, whatever this request proves: for somebody who logs in
   * where another person's session is open.
   */
  openFresh(context: RequestContext, setCookie: (header: string) => void): Promise<Session>
  /**
   * For ingest: the hot session, made when the id is unknown. The maker's browser gets the cookie.
   */
  openForEvents(
    context: RequestContext,
    sessionId: string,
    mode: ConsentMode,
  ): Promise<{ session: HotSession; isProven: boolean; setCookie: string | undefined }>
  findBySessionId(siteId: string, sessionId: string): Promise<Session | undefined>
  listByVisitor(siteId: string, visitorId: string): Promise<Session[]>
  listByUser(siteId: string, userId: string): Promise<Session[]>
  /**
   * Links the session, and earlier unconverted proven sessions of its visitor, to a user. Linking twice is
   * linking once.
   *
   * @throws Problem `conversion.already_linked` where the session is another user's: open a fresh one
   */
  linkToUser(session: Session, userId: string, atMs: number): Promise<Session>
  /** Ends the link of a session to its user (log-out on a shared device): the next activity is a fresh session. */
  endForUser(session: Session, atMs: number): Promise<void>
  /** Somebody logged in there, or is still logged in. Nothing is kept of sessions that are not to be recognised. */
  userArrived(
    session: Session,
    arrival: {
      userId: string
      atMs: number
      /** When the person is gone unless told otherwise; null where that is not known. */
      untilMs: number | null
      context?: Pick<RequestContext, 'hasOptOutSignal'>
    },
  ): Promise<void>
  userLeft(session: Session, userId: string, atMs: number): Promise<void>
  userData(session: Session): Promise<UserData | null>
  mergeProfile(
    session: Session,
    fields: Readonly<Record<string, ProfileValue>>,
    change: { source: string; atMs: number },
  ): Promise<UserData>
  visitsOf(
    siteId: string,
    visitorIds: readonly string[],
  ): Promise<{ count: number; firstAtMs: number; lastAtMs: number }>
}
