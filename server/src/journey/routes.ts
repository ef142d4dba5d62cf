import { anonymousAuthRequestSchema, isCleanText } from '@helloagain/protocol/schemas'
import type { Events } from '../events/ports.ts'
import { Problem } from '../platform/http/problem.ts'
import { type Route, route } from '../platform/http/route.ts'
import type { Sessions } from '../sessions/ports.ts'
import { createActivityLog, ownId } from './activities.ts'
import { type AnonymousAuthParts, createAnonymousAuth } from './anonymous-auth.ts'
import type { ActivityLog, JourneyAnalyst } from './ports.ts'
import {
  activityBody,
  activityResponse,
  analyticsParams,
  analyticsResponse,
  anonymousAuthResponse,
} from './schema.ts'

export interface UmsRouteParts {
  readonly analyst: JourneyAnalyst
  readonly activities: ActivityLog
}

export interface JourneyRouteParts extends AnonymousAuthParts {
  readonly sessions: AnonymousAuthParts['sessions'] & Pick<Sessions, 'listByUser' | 'listByVisitor'>
  readonly events: Pick<Events, 'note'>
}

/** The documents' calls: anonymous log-in, analytics, activities. */
export const journeyRoutes = (parts: JourneyRouteParts): Route[] => [
  anonymousRoute(parts),
  ...umsRoutes({ analyst: parts.analyst, activities: createActivityLog(parts) }),
]

function anonymousRoute(parts: AnonymousAuthParts): Route {
  const authenticate = createAnonymousAuth(parts)
  return route(
    {
      method: 'post',
      path: '/api/auth/anonymous',
      summary: 'Greets an anonymous person and says whether they were here before.',
      access: ['anyone'],
      limit: 'sessions',
      body: anonymousAuthRequestSchema,
      response: anonymousAuthResponse,
      refusals: ['session.consent_denied'],
    },
    ({ context, body, response }) =>
      authenticate({ context, body }, (header) => response.append('Set-Cookie', header)),
  )
}

/** What alongside mode serves too, where log-in is the application's own affair. */
export const umsRoutes = ({ analyst, activities }: UmsRouteParts): Route[] => [
  route(
    {
      method: 'get',
      path: '/api/ums/analytics/:user_id',
      summary: 'Journey, engagement and conversion score of a visitor or user.',
      access: ['self', 'secret:journey:read'],
      params: analyticsParams,
      response: analyticsResponse,
      refusals: ['auth.token_required', 'keys.scope_missing', 'ums.not_found'],
    },
    async ({ params, context }) => {
      const own = ownId(context)
      const hasKey = context.credential.kind === 'secret_key'
      if (own === undefined && !hasKey) throw new Problem('auth.token_required')
      // Somebody else's id and one never issued get the same answer.
      const isOpen = isCleanText(params.user_id) && (hasKey || own === params.user_id)
      const found = isOpen && (await analyst.analytics(context.site.id, params.user_id, context.nowMs))
      if (!found) throw new Problem('ums.not_found')
      return { success: true as const, ...found }
    },
  ),
  route(
    {
      method: 'post',
      path: '/api/ums/activities',
      summary: 'Tracks an activity of the person the token speaks for.',
      access: ['self'],
      body: activityBody,
      response: activityResponse,
      status: 201,
      refusals: ['auth.token_required', 'ums.not_found', 'event.payload_too_large'],
    },
    async ({ body, context }) => {
      const { userId } = await activities.track(context, {
        eventType: body.activity_type,
        ...(body.metadata && { payload: body.metadata }),
      })
      return {
        success: true as const,
        user_id: userId,
        activity_type: body.activity_type,
        recorded_at: new Date(context.nowMs).toISOString(),
      }
    },
  ),
]
