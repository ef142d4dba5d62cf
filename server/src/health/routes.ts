import { type RequestHandler, Router } from 'express'
import { errorReply } from '../platform/http/error-answer.ts'
import { Problem } from '../platform/http/problem.ts'
import { readRequestId } from '../platform/http/request-id.ts'

export interface Dependency {
  /** As `/readyz` names it. */
  readonly name: string
  /** Rejects when it does not answer. */
  ping(): Promise<void>
}

/** A database that needs longer is as good as down: load balancers ask every few seconds. */
const PING_LIMIT_MS = 2000
const RETRY_AFTER_SECONDS = 5

async function isUp({ ping }: Dependency): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, PING_LIMIT_MS, false)
  })
  try {
    return await Promise.race([ping().then(() => true), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}

function ready(dependencies: readonly Dependency[]): RequestHandler {
  return async (request, response) => {
    const states = await Promise.all(
      dependencies.map(async (dependency) => ({ name: dependency.name, isUp: await isUp(dependency) })),
    )
    const checks = Object.fromEntries(states.map((state) => [state.name, state.isUp ? 'up' : 'down']))
    const down = states.filter((state) => !state.isUp)
    if (down.length === 0) {
      response.json({ success: true, status: 'ready', checks })
      return
    }
    const issues = down.map(({ name }) => ({ path: name, message: 'Does not answer.' }))
    const problem = new Problem('server.unavailable', { issues, retryAfterSeconds: RETRY_AFTER_SECONDS })
    const locals: { requestId?: string } = response.locals
    const { status, headers, body } = errorReply(problem, locals.requestId ?? readRequestId(request))
    response
      .status(status)
      .set(headers)
      .json({ ...body, checks })
  }
}

/**
 * `GET /healthz`: 200 while the process serves. `GET /readyz`: 200, or 503 and the names of what is down.
 * For load balancers, which send no site key: mounted outside the context of `/api`.
 */
export function healthRoutes(dependencies: readonly Dependency[]): Router {
  return Router()
    .use(['/healthz', '/readyz'], (_request, response, next) => {
      response.set('Cache-Control', 'no-store')
      next()
    })
    .get('/healthz', (_request, response) => {
      response.json({ success: true, status: 'alive' })
    })
    .get('/readyz', ready(dependencies))
}
