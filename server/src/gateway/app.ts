import { REQUEST_ID_HEADER } from '@helloagain/protocol'
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import type { ReadClientAddress } from '../platform/http/client-address.ts'
import type { RequestContext } from '../platform/http/context.ts'
import { maskPath } from '../platform/http/mask-path.ts'
import { Problem } from '../platform/http/problem.ts'
import { readJson } from '../platform/http/read-json.ts'
import { readRequestId } from '../platform/http/request-id.ts'
import { contextOf, mount, type Route } from '../platform/http/route.ts'
import type { Log } from '../platform/log.ts'
import type { Cors } from './cors.ts'
import type { LimitName, Limits } from './limits.ts'
import type { ReadContext } from './read-context.ts'
import { respondFailure } from './respond.ts'

export interface GatewayParts {
  readonly readContext: ReadContext
  /** For limits on requests whose context cannot be had. */
  readonly readAddress: ReadClientAddress
  readonly cors: Cors
  readonly limits: Limits
  readonly log: Log
  /** Runs after the context is known: the fingerprint tiers. */
  readonly afterContext: readonly RequestHandler[]
}

interface Locals {
  requestId?: string
  context?: RequestContext
}

const requestIdOf = (locals: Locals) => locals.requestId ?? 'none'

/** Gives every request its id and its log line. */
export function tagRequests(log: Log): RequestHandler {
  return (request, response, next) => {
    const startedAtMs = performance.now()
    const locals: Locals = response.locals
    locals.requestId = readRequestId(request)
    response.setHeader(REQUEST_ID_HEADER, locals.requestId)
    response.once('finish', () => {
      const durationMs = Math.round((performance.now() - startedAtMs) * 100) / 100
      const line = {
        requestId: locals.requestId,
        method: request.method,
        path: maskPath(request.originalUrl),
      }
      log.debug({ ...line, status: response.statusCode, durationMs }, 'answered')
    })
    next()
  }
}

function answerPreflight({ cors }: GatewayParts): RequestHandler {
  return async (request, response, next) => {
    if (request.method !== 'OPTIONS') return next()
    const headers = await cors.preflight(request)
    if (!headers) throw new Problem('request.origin_forbidden')
    response.set(headers).status(204).end()
  }
}

/** What leads to no route counts as well: guessing keys, tokens and paths is not free. */
function createCharge({ limits, readAddress }: GatewayParts) {
  return async (request: Request, response: Response) =>
    void response.set(await limits.take('everything_else', readAddress(request).limitKey))
}

function establishContext(parts: GatewayParts): RequestHandler {
  const { readContext, cors } = parts
  const charge = createCharge(parts)
  return async (request, response, next) => {
    const locals: Locals = response.locals
    try {
      locals.context = await readContext(request, {
        requestId: requestIdOf(locals),
        onSite: async ({ id }) => void response.set(await cors.check(request, id)),
      })
    } catch (refusal) {
      await charge(request, response)
      throw refusal
    }
    response.set('Cache-Control', 'no-store')
    next()
  }
}

/** What stands in front of every handler: its limit, then its body. */
export function beforeRoute(limits: Limits): (contract: Route['contract']) => RequestHandler[] {
  return ({ limit = 'everything_else', body }) => [
    async (_request, response, next) => {
      const { address } = contextOf(response)
      response.set(await limits.take(limit as LimitName, address.limitKey))
      next()
    },
    async (request, _response, next) => {
      if (body) request.body = await readJson(request)
      next()
    },
  ]
}

/** The only place an error of the Express stack becomes an answer. */
export function answerErrors(log: Log): ErrorRequestHandler {
  // biome-ignore lint/complexity/useMaxParams: Express knows an error handler by its four parameters.
  return (error, request, response, _next) => {
    const fault = isBadPath(error) ? new Problem('request.not_found') : error
    respondFailure(
      response,
      { error: fault, requestId: requestIdOf(response.locals), path: request.originalUrl },
      log,
    )
  }
}

/** Express throws this for a path such as `/%`: the client's fault, not ours. */
const isBadPath = (error: unknown) => error instanceof URIError

/** The API as an Express application: request id, CORS, context, then the rooms' routes. */
export function createApi(parts: GatewayParts, routes: readonly Route[]): Express {
  const charge = createCharge(parts)
  return express()
    .disable('x-powered-by')
    .disable('etag')
    .use(tagRequests(parts.log))
    .use(answerPreflight(parts))
    .use(establishContext(parts))
    .use([...parts.afterContext])
    .use(mount(express.Router(), routes, beforeRoute(parts.limits)))
    .use(async (request, response) => {
      await charge(request, response)
      throw new Problem('request.not_found')
    })
    .use(answerErrors(parts.log))
}
