import { newId } from '../platform/ids.ts'
import type { StartedServer } from './start-server.ts'

export interface EventsReply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape; the expectations say which.
  readonly body: any
}

/** Test support: posts a body, JSON unless it is text or bytes, to the ingest lane. */
export async function sendEvents(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<EventsReply> {
  const response = await fetch(`${url}/api/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body:
      typeof body === 'string' || body instanceof Buffer
        ? new Uint8Array(Buffer.from(body))
        : JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** Test support: the cookie that an answer set, as a request sends it back. */
export const cookieOf = ({ headers }: EventsReply): string => headers.getSetCookie()[0]?.split(';')[0] ?? ''

/** Test support: a sound event with an id of its own. */
export const eventOf = (event: Record<string, unknown> = {}) => ({
  eventId: newId(),
  eventType: 'PAGE_VIEW',
  ...event,
})

/** Test support: the rows of a session. */
export async function storedEvents({ storage: { db, tables } }: StartedServer, sessionId: string) {
  const rows = await db.select().from(tables.eventLogs)
  return rows.filter((row) => row.sessionId === sessionId)
}

/** Test support: how many sessions the database holds under an id. */
export async function countSessions({ storage: { db, tables } }: StartedServer, sessionId: string) {
  const rows = await db.select().from(tables.userSessions)
  return rows.filter((row) => row.sessionId === sessionId).length
}
