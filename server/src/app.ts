import type { IncomingMessage, ServerResponse } from 'node:http'
import express, { type Express } from 'express'
import { accountRoutes } from './accounts/routes.ts'
import { assetsFolder } from './assets/folder.ts'
import { createAssets } from './assets/routes.ts'
import { createIngest, type Ingest, isIngest } from './events/ingest.ts'
import { ingestRoute } from './events/ingest-route.ts'
import { eventRoutes } from './events/routes.ts'
import { answerErrors, createApi, type GatewayParts, tagRequests } from './gateway/app.ts'
import { createCors } from './gateway/cors.ts'
import { type Feature, selectFeatures } from './gateway/features.ts'
import { createLimits, DEFAULT_LIMITS } from './gateway/limits.ts'
import { createReadContext } from './gateway/read-context.ts'
import { respondFailure } from './gateway/respond.ts'
import { createSafeHeaders } from './gateway/safe-headers.ts'
import { healthRoutes } from './health/routes.ts'
import { journeyRoutes } from './journey/routes.ts'
import { createReadClientAddress } from './platform/http/client-address.ts'
import { Problem } from './platform/http/problem.ts'
import { readRequestId } from './platform/http/request-id.ts'
import type { Route } from './platform/http/route.ts'
import { botRoutes } from './recognition/bot-routes.ts'
import { insightRoutes } from './recognition/insight-routes.ts'
import { visitorRoutes } from './recognition/routes.ts'
import { createRooms, type Rooms } from './rooms.ts'
import { sessionRoutes } from './sessions/routes.ts'
import type { World } from './world.ts'

export interface HelloAgainServer {
  /** Answers every request: the ingest lane first, then the Express stack. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** The API without assets and health: what mounts in somebody else's application. */
  readonly api: Express
  readonly ingest: Ingest
  /** What the API serves, by its contracts. */
  readonly routes: readonly Route[]
  readonly rooms: Rooms
  /** Stops timers and jobs; the storage stays open, it belongs to the caller. */
  close(): Promise<void>
}

function gatewayParts(world: World, rooms: Rooms): GatewayParts {
  const { config, log, nowMs } = world
  const { sites, tokens, cookie, readDeviceProof, keys, fingerprints } = rooms
  const publicOrigin = config.PUBLIC_URL === undefined ? undefined : new URL(config.PUBLIC_URL).origin
  const readAddress = createReadClientAddress(config.TRUST_PROXY)
  return {
    readContext: createReadContext({ sites, tokens, cookie, readDeviceProof, readAddress, nowMs, log }),
    readAddress,
    cors: createCors({ sites, publicOrigin }),
    limits: createLimits({ ...DEFAULT_LIMITS, ...world.limits }, { keys, nowMs }),
    log,
    afterContext: [fingerprints.middleware],
  }
}

/** Every route by the feature that turns it off. */
const routesByFeature = (rooms: Rooms, ingest: Ingest): Readonly<Record<Feature, readonly Route[]>> => ({
  sessions: sessionRoutes(rooms),
  events: [ingestRoute(ingest), ...eventRoutes({ sessions: rooms.sessions, log: rooms.eventLog })],
  visitors: [...visitorRoutes(rooms), ...botRoutes(rooms), ...insightRoutes(rooms)],
  journey: journeyRoutes(rooms),
  accounts: accountRoutes(rooms),
})

/** Composition root: rooms, gateway and routes meet here. */
export async function createServer(world: World): Promise<HelloAgainServer> {
  const { storage, log, config } = world
  const rooms = createRooms(world)
  await rooms.sites.ensureDefault()
  await rooms.prepare()
  const gateway = gatewayParts(world, rooms)
  const safeHeaders = createSafeHeaders(rooms)
  const ingest = createIngest({
    ...gateway,
    sessions: rooms.sessions,
    events: rooms.events,
    headers: safeHeaders,
  })
  const hasEvents = config.FEATURES?.includes('events') ?? true
  const routes = selectFeatures(routesByFeature(rooms, ingest), config.FEATURES)
  const api = createApi(gateway, routes)

  const app = express()
    .disable('x-powered-by')
    .use(tagRequests(log))
    .use((_request, response, next) => {
      response.set(safeHeaders)
      next()
    })
    .use(healthRoutes([{ name: 'database', ping: storage.ping }]))
    .use(createAssets({ folder: assetsFolder(), log }))
    .use(api)
    .use(answerErrors(log))

  // Express gives up on a target such as `http://[` before any handler, and would answer with a page of its own.
  const answer = app as unknown as (
    request: IncomingMessage,
    response: ServerResponse,
    done: (error?: unknown) => void,
  ) => void
  const lost = (request: IncomingMessage, response: ServerResponse, error: unknown) => {
    for (const [name, value] of Object.entries(safeHeaders)) response.setHeader(name, value)
    respondFailure(response, { error, requestId: readRequestId(request), path: request.url ?? '/' }, log)
  }

  return {
    handler: (request, response) => {
      if (hasEvents && isIngest(request)) void ingest(request, response)
      else {
        answer(request, response, (error) =>
          lost(request, response, error ?? new Problem('request.not_found')),
        )
      }
    },
    api,
    ingest,
    routes,
    rooms,
    close: rooms.stop,
  }
}
