import { consentReportSchema } from '@helloagain/protocol/schemas'
import type { Response } from 'express'
import type { RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import { type Route, route } from '../platform/http/route.ts'
import type { Session } from './ports.ts'
import { readSessionId } from './read-session-id.ts'
import type { SessionRouteParts } from './route-parts.ts'
import { consentResponse, eraseResponse, exportResponse, sessionParams } from './schema.ts'
import { iso } from './views.ts'
import { createWithdrawal } from './withdrawal.ts'

/** What people decide about themselves: consent, and clearing their own data. */
export function privacyRoutes(
  parts: Pick<SessionRouteParts, 'erasers' | 'exporters' | 'fingerprints' | 'sessions'>,
): Route[] {
  const decide = createWithdrawal(parts)
  return [
    ...erasureRoutes(parts),
    exportRoute(parts),
    route(
      {
        method: 'put',
        path: '/api/privacy/consent',
        summary: 'Records a decision; a refusal ends recognition.',
        access: ['anyone'],
        body: consentReportSchema,
        response: consentResponse,
        refusals: ['request.invalid', 'session.id_invalid'],
      },
      async ({ context, body, response }) => {
        const mode = await decide(context, body, response)
        return { success: true as const, consent: { mode } }
      },
    ),
  ]
}

type ErasureParts = Pick<SessionRouteParts, 'erasers' | 'fingerprints' | 'sessions'>

function erasureRoutes({ sessions, fingerprints, erasers }: ErasureParts): Route[] {
  async function erase(session: Session, context: RequestContext, response: Response) {
    const erased = await sessions.erase(session, erasers)
    if (context.cookieSecret !== undefined) response.append('Set-Cookie', sessions.clearCookie())
    fingerprints.clearCookie(response, context)
    const elsewhere = { events: 'all' as const, journey: 'all' as const }
    return { success: true as const, erased: { ...erased, ...elsewhere } }
  }

  return [
    route(
      {
        method: 'delete',
        path: '/api/sessions/:sessionId',
        summary: 'Deletes what the visitor of the session left: their own wish.',
        access: ['proof', 'secret:sessions:write'],
        params: sessionParams,
        response: eraseResponse,
        refusals: ['session.id_invalid', 'session.proof_required', 'session.expired'],
      },
      async ({ context, params, response }) =>
        erase(await sessions.getProven(context, readSessionId(params.sessionId)), context, response),
    ),
    route(
      {
        method: 'delete',
        path: '/api/privacy/data',
        summary: 'Deletes what the visitor whom cookie or key prove left.',
        access: ['proof'],
        response: eraseResponse,
        refusals: ['session.id_invalid', 'session.proof_required', 'session.expired'],
      },
      async ({ context, response }) => erase(await getOwn(sessions, context), context, response),
    ),
  ]
}

const exportRoute = ({ sessions, exporters }: Pick<SessionRouteParts, 'exporters' | 'sessions'>) =>
  route(
    {
      method: 'get',
      path: '/api/privacy/export',
      summary: 'All that is held of the visitor whom cookie or key prove.',
      access: ['proof'],
      response: exportResponse,
      refusals: ['session.id_invalid', 'session.proof_required', 'session.expired'],
    },
    async ({ context }) => {
      const session = await getOwn(sessions, context)
      const held = await sessions.exportVisitor(session, exporters)
      return { success: true as const, exportedAt: iso(context.nowMs), held }
    },
  )

/** The session of the request, by its id or by cookie and key alone. */
async function getOwn(sessions: SessionRouteParts['sessions'], context: RequestContext): Promise<Session> {
  const resolved = await sessions.resolve(context)
  if (!resolved) throw new Problem('session.proof_required')
  return sessions.getProven(context, resolved.session.sessionId)
}
