import type { EventPayload, EventType, SessionMetadata, SessionView, UserData } from '@helloagain/protocol'
import { MIN_LINK_OBSERVATION_CONFIDENCE } from '@helloagain/protocol'
import type { Accounts } from './accounts/ports.ts'
import type { Events } from './events/ports.ts'
import { toHotSession } from './journey/hot-session.ts'
import { latestLiving } from './journey/latest-living.ts'
import type { JourneyAnalyst, JourneyService, Journeys } from './journey/ports.ts'
import { parseRawFingerprint } from './journey/raw-fingerprint.ts'
import type { SiteIdentity } from './platform/http/context.ts'
import { Problem } from './platform/http/problem.ts'
import { isUuid } from './platform/ids.ts'
import type { Observe, Recognition, WeakEvidence } from './recognition/ports.ts'
import { createServerContext } from './server-context.ts'
import { describe } from './sessions/metadata.ts'
import type { Session, Sessions } from './sessions/ports.ts'
import type { SessionDesk } from './sessions/service.ts'

// Document 000's names, for whoever imports its services from here.
// biome-ignore lint/performance/noBarrelFile: one place for all that the documents name.
export { ActivityType, UserJourneyStage, UserType } from '@helloagain/protocol'
export { calculateFingerprintConfidence, generateEnhancedFingerprint } from '@helloagain/recognition'

/** Document 001's `SessionService`, under its names, for code that runs in the same process. */
export interface SessionService {
  /**
   * The session of an id, made when it is unknown; of an expired one its successor, under another id.
   *
   * @param metadata kept as parsed families only
   * @throws Problem `session.id_invalid` for an id that is no UUID
   */
  createSessionIfNotExists(sessionId: string, metadata?: SessionMetadata): Promise<SessionView>
  /** Stores an event; the session is made when it is unknown. Resolves once it is durable. */
  logEvent(sessionId: string, eventType: EventType, payload?: EventPayload): Promise<void>
  /** Sign-up and log-in: all the session did belongs to the user from now on. */
  linkSessionToUser(sessionId: string, userId: string): Promise<SessionView>
  /**
   * What is known of the person, for prefill; null for nobody, or for an unknown or expired session. It asks for no
   * proof: whoever shows the answer to a browser checks first that the browser proves the session.
   */
  getUserBySession(sessionId: string): Promise<UserData | null>
}

export interface ServiceParts {
  readonly site: SiteIdentity
  readonly nowMs: () => number
  readonly sessions: Sessions & Pick<SessionDesk, 'open'>
  readonly events: Pick<Events, 'note'>
  readonly journeys: Journeys
  readonly accounts: Pick<Accounts, 'userAttributes'>
}

/**
 * @example
 * const { rooms } = await createServer(world)
 * const SessionService = createSessionService({ ...rooms, site: await rooms.sites.getDefault() })
 */
export function createSessionService(parts: ServiceParts): SessionService {
  const { site, nowMs, sessions, events, journeys, accounts } = parts
  const opening = new Map<string, Promise<Session>>()

  async function find(sessionId: string): Promise<Session | undefined> {
    if (!isUuid(sessionId)) throw new Problem('session.id_invalid')
    return sessions.findBySessionId(site.id, sessionId.toLowerCase())
  }

  async function make(sessionId: string, metadata: SessionMetadata | undefined): Promise<Session> {
    const context = createServerContext({ site, nowMs: nowMs(), sessionId })
    const described = describe({ metadata, userAgent: metadata?.userAgent, origin: undefined })
    return (await sessions.open({ context, described, evidence: {}, isFresh: false })).session
  }

  /** Many first events at once open one session. */
  function open(sessionId: string, metadata?: SessionMetadata): Promise<Session> {
    const id = sessionId.toLowerCase()
    const running = opening.get(id) ?? make(id, metadata).finally(() => opening.delete(id))
    opening.set(id, running)
    return running
  }

  /** A session that no browser can prove yields no profile; what the account holds is the site's own. */
  async function userData(session: Session): Promise<UserData | null> {
    const known = await sessions.userData(session)
    if (known !== null || session.userId === null || session.cookieHash !== null) return known
    return accounts.userAttributes(site.id, session.userId)
  }

  /** One that a server made has no cookie: nothing can refresh it, its events do. */
  async function refresh(sessionId: string, metadata: SessionMetadata | undefined): Promise<Session> {
    const known = await find(sessionId)
    return known && known.cookieHash === null ? known : open(sessionId, metadata)
  }

  const findOrOpen = async (sessionId: string) => (await find(sessionId)) ?? open(sessionId)

  const view = async (session: Session): Promise<SessionView> => ({
    sessionId: session.sessionId,
    userId: session.userId,
    userData: await userData(session),
    lastSeen: new Date(session.lastSeenAtMs).toISOString(),
    metadata: session.metadata,
  })

  return {
    createSessionIfNotExists: async (sessionId, metadata) => view(await refresh(sessionId, metadata)),
    async logEvent(sessionId, eventType, payload) {
      const event = { eventType, ...(payload && { payload }) }
      await events.note(toHotSession(await findOrOpen(sessionId)), event, nowMs())
    },
    async linkSessionToUser(sessionId, userId) {
      const atMs = nowMs()
      const linked = await sessions.linkToUser(await findOrOpen(sessionId), userId, atMs)
      await sessions.userArrived(linked, { userId, atMs, untilMs: null })
      await journeys.promoteToRegistered(site.id, linked.visitorId, atMs)
      return view(linked)
    },
    async getUserBySession(sessionId) {
      const session = await find(sessionId)
      return session && session.expiresAtMs > nowMs() ? userData(session) : null
    },
  }
}

/** Whoever has a journey: a visitor, or a user of the site, by id. */
export interface JourneySubject {
  readonly id: string
}

export interface JourneyServiceParts extends ServiceParts {
  readonly analyst: JourneyAnalyst
  readonly recognition: Pick<Recognition, 'findVisitor' | 'match'>
  readonly observe: Observe
}

/**
 * @example
 * const journey = createJourneyService({ ...rooms, site: await rooms.sites.getDefault() })
 * const [user, method] = await journey.recognizeReturningUser(raw)
 */
export function createJourneyService(parts: JourneyServiceParts): JourneyService<JourneySubject> {
  const { site, nowMs, sessions, events, journeys, analyst, recognition, observe } = parts

  async function evidenceOf(
    raw: Readonly<Record<string, unknown>> | undefined,
    deviceId: string | undefined,
  ): Promise<WeakEvidence> {
    const seen = raw && (await observe(site, parseRawFingerprint(raw, site.fingerprintSalt)))
    return {
      ...(deviceId !== undefined && { deviceId }),
      ...(seen && seen.confidence >= MIN_LINK_OBSERVATION_CONFIDENCE && { fingerprint: seen }),
    }
  }

  async function analyticsOf({ id }: JourneySubject) {
    const found = await analyst.analytics(site.id, id, nowMs())
    if (!found) throw new Problem('ums.not_found')
    return found
  }

  /** Journeys are kept by visitor: a user's is that of the session they used last. */
  async function visitorOf({ id }: JourneySubject): Promise<string> {
    const [latest] = (await sessions.listByUser(site.id, id)).sort((a, b) => b.lastSeenAtMs - a.lastSeenAtMs)
    return latest?.visitorId ?? id
  }

  const progress: JourneyService<JourneySubject>['progressUserJourney'] = async (user, target) => {
    const subjectId = await visitorOf(user)
    return journeys.view(await journeys.progress({ siteId: site.id, subjectId, target, atMs: nowMs() }))
  }

  return {
    async recognizeReturningUser(raw, { deviceId } = {}) {
      const match = await recognition.match(site.id, await evidenceOf(raw, deviceId))
      const visitor = match && (await recognition.findVisitor(site.id, match.visitorId))
      return match && visitor ? [visitor, match.method] : [null, 'new_user']
    },
    progressUserJourney: progress,
    promoteAnonymousToReturning: (user) => progress(user, { newType: 'returning', newStage: 'engaged' }),
    promoteToRegistered: (user) => progress(user, { newType: 'registered', newStage: 'converted' }),
    async trackUserActivity(user, activity, metadata) {
      const visitorId = await visitorOf(user)
      const session = latestLiving(await sessions.listByVisitor(site.id, visitorId), nowMs())
      if (!session) throw new Problem('ums.not_found')
      const event = { eventType: activity, ...(metadata && { payload: metadata }) }
      await events.note(toHotSession(session), event, nowMs())
    },
    getUserAnalytics: analyticsOf,
    calculateConversionScore: async (user) => (await analyticsOf(user)).conversion_score,
  }
}
