import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

// Bounded and plain, because it stands in every log line.
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/** The request id the caller sent, when it is fit for a log line, or a new one. */
export function readRequestId(request: IncomingMessage): string {
  const sent = request.headers['x-request-id']
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : randomUUID()
}
