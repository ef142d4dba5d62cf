import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { createIngest } from '../events/ingest.ts'
import { eventRoutes } from '../events/routes.ts'
import type { GatewayParts } from '../gateway/app.ts'
import { createCors } from '../gateway/cors.ts'
import { createLimits, DEFAULT_LIMITS } from '../gateway/limits.ts'
import { createReadContext } from '../gateway/read-context.ts'
import { createAnalyticsReader } from '../journey/analytics.ts'
import type { ActivityLog, JourneyAnalyst } from '../journey/ports.ts'
import { umsRoutes } from '../journey/routes.ts'
import { createJourneys } from '../journey/service.ts'
import { createReadClientAddress } from '../platform/http/client-address.ts'
import type { RequestContext, SiteIdentity } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import type { Route } from '../platform/http/route.ts'
import { visitorRoutes } from '../recognition/routes.ts'
import type { Rooms } from '../rooms.ts'
import { createSessionService, type SessionService } from '../services.ts'
import type { Session } from '../sessions/ports.ts'
import { sessionRoutes } from '../sessions/routes.ts'
import { createForgetUser } from './forget-user.ts'
import { createHostJourney, type HostJourneyService } from './host-journey.ts'
import { createHostRecognition } from './host-recognition.ts'
import { createHostRouter } from './host-router.ts'
import { createHostTrail, type HostTrail } from './host-trail.ts'
import type { HelloAgain, HelloAgainOptions, RoomName } from './options.ts'
import type { HostUser } from './ports.ts'
import { createPreferencesBook } from './preferences-book.ts'
import { createRequestIdentity } from './request-identity.ts'

type ListSessions = (userId: string) => Promise<Session[]>

interface Host<User extends HostUser> {
  readonly rooms: Rooms
  readonly site: SiteIdentity
  readonly options: HelloAgainOptions<User>
}

/** The request without its Authorization: a bearer token is the application's own, and means nothing to us. */
function withoutToken(request: IncomingMessage): IncomingMessage {
  const { authorization: _, ...headers } = request.headers
  return Object.create(request, { headers: { value: headers } })
}

const hasSecretKey = ({ headers }: IncomingMessage) => /^bearer sk_/i.test(headers.authorization ?? '')

function composeGateway<User extends HostUser>({ rooms, options }: Host<User>): GatewayParts {
  const { sites, tokens, cookie, readDeviceProof, keys, fingerprints, nowMs, log } = rooms
  const readAddress = createReadClientAddress(options.trustedProxies ?? [])
  const readContext = createReadContext({ sites, tokens, cookie, readDeviceProof, readAddress, nowMs, log })
  const publicOrigin = options.publicUrl === undefined ? undefined : new URL(options.publicUrl).origin
  return {
    readContext: (request, hints) =>
      readContext(hasSecretKey(request) ? request : withoutToken(request), hints),
    readAddress,
    cors: createCors({ sites, publicOrigin }),
    limits: createLimits({ ...DEFAULT_LIMITS, ...options.limits }, { keys, nowMs }),
    log,
    afterContext: [fingerprints.middleware],
  }
}

/** Every session that is known to be the user's: noted by the application, or linked in the browser. */
const createListSessions =
  ({ rooms, site }: Pick<Host<HostUser>, 'rooms' | 'site'>, trail: HostTrail): ListSessions =>
  async (userId) => {
    const noted = await trail.list(userId)
    const linked = await rooms.sessions.listByUser(site.id, userId)
    return [...noted, ...linked.filter(({ id }) => noted.every((session) => session.id !== id))]
  }

function composeJourney<User extends HostUser>(
  { rooms, site, options: { users } }: Host<User>,
  { trail, listSessions }: { trail: HostTrail; listSessions: ListSessions },
): HostJourneyService<User> & { promote(userId: string): Promise<void> } {
  const { keys, log, nowMs, sessions, events, observe } = rooms
  const onRefused = () =>
    log.warn('a journey in somebody’s preferences is not ours or was changed: begun anew')
  const journeys = createJourneys({ book: createPreferencesBook({ users, keys, onRefused }) })
  const service = createHostJourney({
    ...{ site, nowMs, log, users, journeys, trail, sessions },
    recognition: createHostRecognition({ site, users, observe }),
    readAnalytics: createAnalyticsReader({ sessions, events }),
    listSessions,
  })
  return {
    ...service,
    promote: async (userId) => void (await journeys.promoteToRegistered(site.id, userId, nowMs())),
  }
}

/** The browser's visitors are ours; everybody else is a user of the application. */
function composeAnalyst<User extends HostUser>(
  { rooms, options: { users } }: Host<User>,
  journey: HostJourneyService<User>,
): JourneyAnalyst {
  return {
    async analytics(siteId, subjectId, atMs) {
      const ofVisitor = (await rooms.recognition.findVisitor(siteId, subjectId))
        ? await rooms.analyst.analytics(siteId, subjectId, atMs)
        : undefined
      if (ofVisitor) return ofVisitor
      const user = await users.findById(subjectId)
      return user ? journey.getUserAnalytics(user) : undefined
    },
  }
}

function composeActivities(trail: HostTrail): ActivityLog {
  return {
    async track({ credential, nowMs }, event) {
      if (credential.kind !== 'user') throw new Problem('auth.token_required')
      await trail.note(credential.userId, event, nowMs)
      return { userId: credential.userId }
    },
  }
}

/** Turns the application's log-in into a credential of ours. */
const identifyBy =
  <User extends HostUser>({ authenticate }: HelloAgainOptions<User>) =>
  async (context: RequestContext, request: Parameters<RequestHandler>[0]): Promise<RequestContext> => {
    if (context.credential.kind !== 'none' || !authenticate) return context
    const user = await authenticate(request)
    if (!user) return context
    return { ...context, credential: { kind: 'user', userId: String(user.id), loginSessionId: 'host' } }
  }

function composeSessions<User extends HostUser>(
  { rooms, site }: Host<User>,
  promote: (userId: string) => Promise<void>,
): SessionService {
  const service = createSessionService({ ...rooms, site })
  return {
    ...service,
    async linkSessionToUser(sessionId, userId) {
      const view = await service.linkSessionToUser(sessionId, userId)
      await promote(userId)
      return view
    },
  }
}

/** The rooms of the server behind the doors an application mounts. */
export function composeHost<User extends HostUser>(host: Host<User>): Omit<HelloAgain<User>, 'close'> {
  const { rooms, site, options } = host
  const asked: readonly RoomName[] = options.rooms ?? ['sessions', 'events', 'journey']
  const gateway = composeGateway(host)
  const trail = createHostTrail({ ...rooms, site })
  const listSessions = createListSessions(host, trail)
  const { promote, ...journey } = composeJourney(host, { trail, listSessions })
  const ums = { analyst: composeAnalyst(host, journey), activities: composeActivities(trail) }
  const routes: Readonly<Record<RoomName, readonly Route[]>> = {
    sessions: sessionRoutes(rooms),
    events: eventRoutes({ sessions: rooms.sessions, log: rooms.eventLog }),
    journey: umsRoutes(ums),
    visitors: visitorRoutes(rooms),
  }
  const ingest = createIngest({ ...gateway, sessions: rooms.sessions, events: rooms.events })
  return {
    middleware: () => createRequestIdentity({ ...rooms, readContext: gateway.readContext }),
    router: createHostRouter({
      gateway,
      routes: asked.flatMap((name) => routes[name]),
      ingest: asked.includes('events') ? (request, response) => void ingest(request, response) : undefined,
      identify: identifyBy(options),
    }),
    services: {
      journey,
      sessions: composeSessions(host, promote),
      forgetUser: createForgetUser({
        users: options.users,
        listSessions,
        erase: (session) => rooms.sessions.erase(session, rooms.erasers),
      }),
    },
  }
}
