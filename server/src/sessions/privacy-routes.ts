import { consentReportSchema } from '@helloagain/protocol/schemas'
import { type Route, route } from '../platform/http/route.ts'
import { readSessionId } from './read-session-id.ts'
import type { SessionRouteParts } from './route-parts.ts'
import { consentResponse, eraseResponse, sessionParams } from './schema.ts'
import { createWithdrawal } from './withdrawal.ts'

/** What people decide about themselves: consent, and clearing their own data. */
export function privacyRoutes(
  parts: Pick<SessionRouteParts, 'erasers' | 'fingerprints' | 'sessions'>,
): Route[] {
  const { sessions, fingerprints, erasers } = parts
  const decide = createWithdrawal(parts)
  return [
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
      async ({ context, params, response }) => {
        const session = await sessions.getProven(context, readSessionId(params.sessionId))
        const erased = await sessions.erase(session, erasers)
        if (context.cookieSecret !== undefined) response.append('Set-Cookie', sessions.clearCookie())
        fingerprints.clearCookie(response, context)
        const elsewhere = { events: 'all' as const, journey: 'all' as const }
        return { success: true as const, erased: { ...erased, ...elsewhere } }
      },
    ),
  ]
}
