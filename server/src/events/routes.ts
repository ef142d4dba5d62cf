import { type Route, route } from '../platform/http/route.ts'
import type { Sessions } from '../sessions/ports.ts'
import type { EventLog } from './ports.ts'
import { sessionEventsParams, sessionEventsQuery, sessionEventsResponse } from './schema.ts'

/** Reading a session's events. `POST /api/events` is answered before the Express stack: see ingest.ts. */
export function eventRoutes({
  sessions,
  log,
}: {
  sessions: Pick<Sessions, 'getProven'>
  log: Pick<EventLog, 'listBySession'>
}): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/api/sessions/:sessionId/events',
        summary: 'The events of a session, newest first.',
        access: ['proof', 'secret:sessions:read'],
        params: sessionEventsParams,
        query: sessionEventsQuery,
        response: sessionEventsResponse,
        refusals: ['request.invalid', 'session.proof_required', 'session.expired'],
      },
      async ({ params, query: { limit, before }, context }) => {
        const { siteId, sessionId } = await sessions.getProven(context, params.sessionId)
        const page = await log.listBySession(siteId, sessionId, {
          limit,
          ...(before !== undefined && { before }),
        })
        return { success: true as const, ...page }
      },
    ),
  ]
}
