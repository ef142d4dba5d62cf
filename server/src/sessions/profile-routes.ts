import { profilePatchSchema } from '@helloagain/protocol/schemas'
import { Problem } from '../platform/http/problem.ts'
import { type Route, route } from '../platform/http/route.ts'
import { profileCompletion } from './policy.ts'
import type { Progress } from './profile-rows.ts'
import { readSessionId } from './read-session-id.ts'
import type { SessionRouteParts } from './route-parts.ts'
import { profileResponse, progressBody, progressParams, progressResponse, sessionParams } from './schema.ts'
import { iso } from './views.ts'

const progressView = ({ name, state, updatedAtMs }: Progress) => ({
  name,
  state,
  updatedAt: iso(updatedAtMs),
})

const REFUSALS = [
  'request.invalid',
  'session.id_invalid',
  'session.proof_required',
  'session.expired',
] as const

/** Progressive profiling, and the saved state of forms. */
export function profileRoutes({ sessions }: Pick<SessionRouteParts, 'sessions'>): Route[] {
  return [
    route(
      {
        method: 'patch',
        path: '/api/sessions/:sessionId/profile',
        summary: 'Merges fields into the profile.',
        access: ['proof', 'secret:sessions:write'],
        params: sessionParams,
        body: profilePatchSchema,
        response: profileResponse,
        refusals: [
          ...REFUSALS,
          'session.consent_denied',
          'profile.field_forbidden',
          'profile.too_many_fields',
        ],
      },
      async ({ context, params, body }) => {
        const session = await sessions.getProven(context, readSessionId(params.sessionId))
        if (session.mode !== 'recognition') throw new Problem('session.consent_denied')
        const change = { source: 'identify', atMs: context.nowMs }
        const userData = await sessions.mergeProfile(session, body, change)
        return {
          success: true as const,
          userData,
          completion: profileCompletion(userData),
        }
      },
    ),
    route(
      {
        method: 'put',
        path: '/api/sessions/:sessionId/progress/:name',
        summary: 'Saves the state of a quiz, form or chat.',
        access: ['proof', 'secret:sessions:write'],
        params: progressParams,
        body: progressBody,
        response: progressResponse,
        refusals: [...REFUSALS, 'session.consent_denied', 'progress.too_large'],
      },
      async ({ context, params, body }) => {
        const session = await sessions.getProven(context, readSessionId(params.sessionId))
        const progress = await sessions.saveProgress(session, params.name, body.state)
        return { success: true as const, progress: progressView(progress) }
      },
    ),
    route(
      {
        method: 'get',
        path: '/api/sessions/:sessionId/progress/:name',
        summary: 'The saved state, or null.',
        access: ['proof', 'secret:sessions:read'],
        params: progressParams,
        response: progressResponse,
        refusals: REFUSALS,
      },
      async ({ context, params }) => {
        const session = await sessions.getProven(context, readSessionId(params.sessionId))
        const progress = await sessions.findProgress(session, params.name)
        return { success: true as const, progress: progress ? progressView(progress) : null }
      },
    ),
  ]
}
