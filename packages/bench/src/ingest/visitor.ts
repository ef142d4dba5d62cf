import type { Caller } from '../load/run-load.ts'

/** A browser with a session of its own and the cookie that proves it. */
export interface Visitor {
  readonly sessionId: string
  readonly cookie: string
}

const GRANTED = '{"consent":{"choice":"granted"}}'

export async function openSession(url: string): Promise<Visitor> {
  const response = await fetch(`${url}/api/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: GRANTED,
  })
  const answer = (await response.json()) as { session: { sessionId: string } }
  const cookies = response.headers.getSetCookie().map((line) => line.split(';', 1)[0])
  return { sessionId: answer.session.sessionId, cookie: cookies.join('; ') }
}

const eventOf = (seq: number) => ({
  eventId: '@ID@',
  seq,
  eventType: 'CONTENT_CLICK',
  payload: { page: '/products/monstera', content: 'add-to-basket', quantity: 1 },
  timestamp: new Date().toISOString(),
})

/** Sends so many events a request, as the SDK does. */
export const sendsEvents = ({ sessionId, cookie }: Visitor, count = 1): Caller => ({
  headers: { Cookie: cookie },
  body: JSON.stringify({
    sessionId,
    sentAt: new Date().toISOString(),
    events: Array.from({ length: count }, (_, index) => eventOf(index + 1)),
  }),
})

/** Opens the session it has, as every page does. */
export const opensAgain = ({ sessionId, cookie }: Visitor): Caller => ({
  headers: { Cookie: cookie, 'X-Session-ID': sessionId },
  body: GRANTED,
})
