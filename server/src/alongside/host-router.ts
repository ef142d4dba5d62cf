import express, { type Request, type RequestHandler, type Router } from 'express'
import { answerErrors, beforeRoute, type GatewayParts, tagRequests } from '../gateway/app.ts'
import type { RequestContext } from '../platform/http/context.ts'
import { readRequestId } from '../platform/http/request-id.ts'
import type { Route } from '../platform/http/route.ts'

export interface HostRouterParts {
  readonly gateway: GatewayParts
  readonly routes: readonly Route[]
  /** `POST /api/events`, where that room is asked for. */
  readonly ingest: RequestHandler | undefined
  /** Who speaks, by the application's own log-in. */
  readonly identify: (context: RequestContext, request: Request) => Promise<RequestContext>
}

/**
 * The routes of the rooms asked for, and nothing else: every handler, header and limit stands on one of these
 * paths, and a request for any other path passes through untouched (SECURITY.md W11).
 */
export function createHostRouter({ gateway, routes, ingest, identify }: HostRouterParts): Router {
  const { readContext, cors, limits, log } = gateway
  const router = express.Router()
  const before = beforeRoute(limits)

  const preflight: RequestHandler = async (request, response, next) => {
    const headers = await cors.preflight(request)
    // An origin we do not know may be one the application knows.
    if (!headers) return next()
    response.set(headers).status(204).end()
  }
  const establish: RequestHandler = async (request, response, next) => {
    const context = await readContext(request, { requestId: readRequestId(request) })
    response.locals['context'] = await identify(context, request)
    response.set(await cors.check(request, context.site.id))
    response.set('Cache-Control', 'no-store')
    next()
  }

  for (const { contract, handler } of routes) {
    router.options(contract.path, preflight)
    router[contract.method](
      contract.path,
      tagRequests(log),
      establish,
      ...gateway.afterContext,
      ...before(contract),
      handler,
    )
  }
  if (ingest) router.options('/api/events', preflight).post('/api/events', ingest)
  return router.use(answerErrors(log))
}
