import type { RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import { type Route, route } from '../platform/http/route.ts'
import type { Session } from './ports.ts'
import type { SessionRouteParts } from './route-parts.ts'
import { conversionBody, conversionResponse } from './schema.ts'
import { iso } from './views.ts'

interface Asked {
  readonly sessionId?: string
  readonly userId?: string
}

const required = (path: string) =>
  new Problem('request.invalid', { issues: [{ path, message: 'Required.' }] })

/** Links a session to a user: a back end for its own users, or a user's token with the session it proves. */
export function conversionRoutes({
  sessions,
  accounts,
  journeys,
}: Pick<SessionRouteParts, 'accounts' | 'journeys' | 'sessions'>): Route[] {
  async function forBackEnd(context: RequestContext, { sessionId, userId }: Asked) {
    if (sessionId === undefined) throw required('sessionId')
    if (userId === undefined) throw required('userId')
    const { site, nowMs } = context
    const session = await sessions.findBySessionId(site.id, sessionId.toLowerCase())
    if (!session) throw new Problem('conversion.session_not_found')
    const user = await accounts.ensureExternalUser(site.id, userId, nowMs)
    return { session, userId: user.id }
  }

  async function forUser(context: RequestContext, userId: string, asked: Asked) {
    const sessionId = asked.sessionId ?? context.sessionId
    if (sessionId === undefined) throw new Problem('session.id_missing')
    return { session: await sessions.getProven(context, sessionId), userId }
  }

  function judge(context: RequestContext, asked: Asked): Promise<{ session: Session; userId: string }> {
    const { credential } = context
    if (credential.kind === 'secret_key') return forBackEnd(context, asked)
    if (credential.kind === 'user') return forUser(context, credential.userId, asked)
    throw new Problem('auth.token_required')
  }

  return [
    route(
      {
        method: 'post',
        path: '/api/conversions',
        summary: 'Links a session, and earlier ones of its visitor, to a user.',
        access: ['self', 'secret:conversions:write'],
        body: conversionBody,
        response: conversionResponse,
        refusals: [
          'request.invalid',
          'auth.token_required',
          'keys.scope_missing',
          'session.proof_required',
          'session.consent_denied',
          'conversion.session_not_found',
          'conversion.already_linked',
        ],
      },
      async ({ context, body }) => {
        const { session, userId } = await judge(context, body)
        const { convertedAtMs, ...conversion } = await sessions.convert(session, {
          ...{ userId, context, atMs: context.nowMs },
        })
        await journeys.promoteToRegistered(session.siteId, session.visitorId, context.nowMs)
        return {
          success: true as const,
          sessionId: session.sessionId,
          convertedAt: iso(convertedAtMs),
          ...conversion,
          linkedSessions: [...conversion.linkedSessions],
        }
      },
    ),
  ]
}
