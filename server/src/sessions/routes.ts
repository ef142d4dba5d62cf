import { DPOP_NONCE_HEADER } from '@helloagain/protocol'
import { sessionRequestSchema } from '@helloagain/protocol/schemas'
import { type Route, route } from '../platform/http/route.ts'
import { createAnswerOpening } from './answer-opening.ts'
import { conversionRoutes } from './conversion-routes.ts'
import { privacyRoutes } from './privacy-routes.ts'
import { profileRoutes } from './profile-routes.ts'
import { readSessionId } from './read-session-id.ts'
import type { SessionRouteParts } from './route-parts.ts'
import { sessionParams, sessionResponse, sessionUserResponse } from './schema.ts'
import { provenView, unprovenView } from './views.ts'

export function sessionRoutes(parts: SessionRouteParts): Route[] {
  return [
    ...openingRoutes(parts),
    ...profileRoutes(parts),
    ...conversionRoutes(parts),
    ...privacyRoutes(parts),
  ]
}

function openingRoutes(parts: SessionRouteParts): Route[] {
  const { sessions } = parts
  const answerOpening = createAnswerOpening(parts)
  return [
    route(
      {
        method: 'post',
        path: '/api/sessions',
        summary: 'Opens or refreshes a session.',
        access: ['anyone', 'secret:sessions:write'],
        limit: 'sessions',
        body: sessionRequestSchema,
        response: sessionResponse,
        refusals: [
          ...(['request.invalid', 'session.id_invalid', 'keys.unknown_site'] as const),
          ...(['session.use_dpop_nonce', 'session.proof_invalid'] as const),
        ],
      },
      ({ context, body, response }) => answerOpening(context, body, response),
    ),
    route(
      {
        method: 'get',
        path: '/api/sessions/:sessionId/user',
        summary: 'What is known of the person, for prefill.',
        access: ['proof', 'secret:sessions:read'],
        params: sessionParams,
        response: sessionUserResponse,
        refusals: [
          'session.id_invalid',
          'session.expired',
          'session.use_dpop_nonce',
          'session.proof_invalid',
        ],
      },
      async ({ context, params, response }) => {
        const sessionId = readSessionId(params.sessionId)
        const session = await sessions.findProven(context, sessionId)
        if (!session) response.set(DPOP_NONCE_HEADER, sessions.issueNonce(context))
        const view = session ? provenView(session, await sessions.userData(session)) : unprovenView(sessionId)
        return { success: true as const, session: view, restricted: session === undefined }
      },
    ),
  ]
}
