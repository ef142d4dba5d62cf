import { type ConsentMode, REFUSALS, SESSION_HEADER } from '@helloagain/protocol'
import type { EventStore } from './event-store.ts'
import type { HeldSessions } from './held-sessions.ts'
import type { TestRequest } from './read-request.ts'
import { describeRefusal, Refused } from './refusal.ts'
import { findProgress, lookAtPerson, mergeProfile, openSession, saveProgress } from './session-routes.ts'

/** What is answered to a request. */
export interface FixedAnswer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** What the routes work on. */
export interface Rooms {
  held: HeldSessions
  store: EventStore
  unsetMode: Exclude<ConsentMode, 'off'>
}

/** @throws Refused where the server would refuse the call */
function route({ path, method, headers, hasCookies, body }: TestRequest, rooms: Rooms): FixedAnswer {
  const { held, store, unsetMode } = rooms
  if (typeof body === 'string') throw new Refused('request.malformed_json')
  const caller = { sessionId: headers[SESSION_HEADER.toLowerCase()], hasCookies }
  const [, , room, id = '', part, name = ''] = path.replace(/\/$/, '').split('/').map(decodeURIComponent)
  const ok = (answer: object): FixedAnswer => ({ status: 200, body: answer })
  switch ([method, room, part].filter(Boolean).join(' ')) {
    case 'POST events':
      return { status: 202, body: store.take(body, caller.sessionId) }
    case 'POST sessions':
      return ok(openSession(held, { body: body ?? {}, caller }, unsetMode))
    case 'GET sessions user':
      return ok(lookAtPerson(held, id, caller))
    case 'PATCH sessions profile':
      return ok(mergeProfile(held.prove(id, caller).userData, body))
    case 'PUT sessions progress':
      return ok(saveProgress(held.prove(id, caller).progress, name, body))
    case 'GET sessions progress':
      return ok(findProgress(held.prove(id, caller).progress, name))
    default:
      throw new Refused('request.not_found')
  }
}

/** Answers a request as the routes of the server do. */
export function answerRequest(request: TestRequest, rooms: Rooms): FixedAnswer {
  try {
    return route(request, rooms)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { code, issues } = error
    return { status: REFUSALS[code].status, body: describeRefusal(code, issues) }
  }
}
