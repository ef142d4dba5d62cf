import { anonymousAuthRequestSchema } from '@helloagain/protocol/schemas'
import type { Events } from '../events/ports.ts'
import { Problem } from '../platform/http/problem.ts'
import { type Route, route } from '../platform/http/route.ts'
import { createActivityLog, ownId } from './activities.ts'
import { type AnonymousAuthParts, createAnonymousAuth } from './anonymous-auth.ts'
import type { JourneyAnalyst } from './ports.ts'
import {
  activityBody,
  activityResponse,
  analyticsParams,
  analyticsResponse,
  anonymousAuthResponse,
} from './schema.ts'

export interface JourneyRouteParts extends AnonymousAuthParts {
  readonly analyst: JourneyAnalyst
  readonly events: Pick<Events, 'note'>
}

/** The document's calls: anonymous log-in, analytics, activities. */
export function journeyRoutes(parts: JourneyRouteParts): Route[] {
  const { analyst } = parts
  const activities = createActivityLog(parts)
  const authenticate = createAnonymousAuth(parts)

  return [
    route(
      {
        method: 'post',
        path: '/api/auth/anonymous',
        summary: 'Greets an anonymous person and says whether they were here before.',
        access: ['anyone'],
        limit: 'sessions',
        body: anonymousAuthRequestSchema,
        response: anonymousAuthResponse,
        refusals: ['session.expired'],
      },
      ({ context, body, response }) =>
        authenticate({ context, body }, (header) => response.append('Set-Cookie', header)),
    ),
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
        if (own === undefined && context.credential.kind !== 'secret_key')
          throw new Problem('auth.token_required')
        // Somebody else's id and one never issued get the same answer after the same work.
        const isOpen = own === undefined || own === params.user_id
        const found = await analyst.analytics(
          context.site.id,
          isOpen ? params.user_id : 'nobody',
          context.nowMs,
        )
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
        limit: 'everything_else',
        body: activityBody,
        response: activityResponse,
        status: 201,
        refusals: ['auth.token_required', 'ums.not_found'],
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
}
