import type { RefusalCode } from '@helloagain/protocol'
import { findJsonFault } from '@helloagain/protocol/schemas'
import type { Request, RequestHandler, Response, Router } from 'express'
import type { z } from 'zod'
import type { RequestContext } from './context.ts'
import { toIssues } from './issues.ts'
import { Problem } from './problem.ts'

type Schema = z.ZodType | undefined
type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

/**
 * Who may call. `anyone`: the publishable key suffices. `proof`: the handler asks for proof of the
 * session. `self`: the handler checks the token's subject. `secret:<scope>`: a secret key with the scope.
 */
export type Access = 'anyone' | 'proof' | 'self' | `secret:${string}`

/** All a client may rely on. Validation, the OpenAPI document and the docs are read from it. */
export interface Contract<P extends Schema, Q extends Schema, B extends Schema, R extends Schema> {
  readonly method: 'delete' | 'get' | 'patch' | 'post' | 'put'
  readonly path: `/${string}`
  /** One line for the API page. */
  readonly summary: string
  readonly access: readonly Access[]
  /** Name of the rate limit. @default 'everything_else' */
  readonly limit?: string
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** Fields not named here never leave the server. Without it the answer is 204. */
  readonly response?: R
  /** @default 200 */
  readonly status?: number
  readonly refusals?: readonly RefusalCode[]
}

export interface Route {
  readonly contract: Contract<Schema, Schema, Schema, Schema>
  readonly handler: RequestHandler
}

export interface Answer<P extends Schema, Q extends Schema, B extends Schema> {
  readonly params: Parsed<P>
  readonly query: Parsed<Q>
  readonly body: Parsed<B>
  readonly context: RequestContext
  readonly request: Request
  readonly response: Response
}

function parse(schema: Schema, value: unknown, prefix: string): unknown {
  if (!schema) return undefined
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new Problem('request.invalid', { issues: toIssues(parsed.error, prefix) })
  return parsed.data
}

// Deeper than any contract goes; schemas set their own bounds below it.
const MAX_BODY_DEPTH = 32

/**
 * What no database holds (NUL, lone surrogates) and `__proto__` keys are refused in every body before its schema sees
 * it: zod drops such a key silently, and whoever sent it should know.
 */
function refuseUnstorable(body: unknown): void {
  const fault = findJsonFault(body, MAX_BODY_DEPTH)
  if (!fault) return
  const issues = [{ path: fault.path.join('.'), message: fault.message }]
  throw new Problem('request.invalid', { issues })
}

/** The context that the identity middleware left for this request. */
export function contextOf(response: Response): RequestContext {
  const context = (response.locals as { context?: RequestContext }).context
  if (!context) throw new Error('A route was mounted in front of the identity middleware.')
  return context
}

/** A secret key passes only where its scope is named; other callers only where they are welcome at all. */
function checkAccess(access: readonly Access[], { credential }: RequestContext): void {
  const scopes = access.filter((entry) => entry.startsWith('secret:')).map((entry) => entry.slice(7))
  if (credential.kind === 'secret_key') {
    if (!scopes.some((scope) => credential.scopes.includes(scope))) throw new Problem('keys.scope_missing')
    return
  }
  if (access.length === scopes.length) throw new Problem('auth.token_required')
}

export function route<
  P extends Schema = undefined,
  Q extends Schema = undefined,
  B extends Schema = undefined,
  R extends Schema = undefined,
>(
  contract: Contract<P, Q, B, R>,
  answer: (input: Answer<P, Q, B>) => Promise<R extends z.ZodType ? z.input<R> : void>,
): Route {
  return {
    contract: contract as Route['contract'],
    async handler(request, response) {
      const context = contextOf(response)
      checkAccess(contract.access, context)
      if (contract.body) refuseUnstorable(request.body)
      const value = await answer({
        params: parse(contract.params, request.params, '') as Parsed<P>,
        query: parse(contract.query, request.query, '') as Parsed<Q>,
        body: parse(contract.body, request.body, '') as Parsed<B>,
        context,
        request,
        response,
      })
      if (!contract.response) {
        response.status(contract.status ?? 204).end()
        return
      }
      response.status(contract.status ?? 200).json(contract.response.parse(value))
    },
  }
}

/** Mounts contracts on a router; `before` runs what stands in front of each handler (limits). */
export function mount(
  router: Router,
  routes: readonly Route[],
  before: (contract: Route['contract']) => RequestHandler[],
): Router {
  for (const { contract, handler } of routes) {
    router[contract.method](contract.path, ...before(contract), handler)
  }
  return router
}
