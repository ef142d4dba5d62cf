import type { Route } from '../platform/http/route.ts'
import type { Ingest } from './ingest.ts'

/**
 * `POST /api/events` among the other routes: for the API page, for `FEATURES`, and for applications that mount the
 * API. Limits and body are the lane's own, so the contract names neither.
 */
export const ingestRoute = (ingest: Ingest): Route => ({
  contract: {
    method: 'post',
    path: '/api/events',
    summary: 'Stores one event or a batch of up to 500; answers when they are durable.',
    access: ['anyone', 'secret:events:write'],
    status: 202,
  },
  handler: (request, response) => ingest(request, response),
})
