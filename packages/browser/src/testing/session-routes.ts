import {
  type ConsentMode,
  consentMode,
  MAX_PAYLOAD_BYTES,
  MAX_PROFILE_FIELDS,
  PROFILE_FIELDS,
  type ProfileAnswer,
  type ProgressAnswer,
  type SessionAnswer,
  type SessionRequest,
  type SessionUserAnswer,
  type UserData,
} from '@helloagain/protocol'
import { isObject, isUuid, measureBytes } from './check-event.ts'
import { type Caller, type HeldSessions, newId } from './held-sessions.ts'
import { NOBODY } from './recognise-by.ts'
import { Refused } from './refusal.ts'
import { openedView, progressAnswer, provenView, unprovenView } from './session-views.ts'

const SITE = { fingerprintSalt: 'test-salt', sessionTtlSeconds: 2_592_000 }

/** `POST /api/sessions`. @throws Refused */
export function openSession(
  held: HeldSessions,
  { body, caller }: { body: unknown; caller: Caller },
  unsetMode: Exclude<ConsentMode, 'off'>,
): SessionAnswer {
  const { sessionId } = caller
  if (!isObject(body)) throw new Refused('request.invalid')
  if (sessionId !== undefined && !isUuid(sessionId)) throw new Refused('session.id_invalid')
  const request: SessionRequest = body
  const mode = consentMode(request.consent ?? { choice: 'unset' }, { unsetMode })
  const rest = { consent: { mode }, site: { ...SITE, unsetMode } }
  if (mode === 'recognition') {
    return { success: true, restricted: false, ...openedView(held.recall(request, caller)), ...rest }
  }
  if (mode === 'off') held.forget(sessionId ?? '')
  const session = unprovenView(sessionId ?? newId())
  return { success: true, restricted: true, session, recognition: NOBODY, ...rest }
}

/** `GET /api/sessions/:sessionId/user`. @throws Refused */
export function lookAtPerson(held: HeldSessions, sessionId: string, caller: Caller): SessionUserAnswer {
  if (!isUuid(sessionId)) throw new Refused('session.id_invalid')
  const found = held.find(sessionId, caller)
  const session = found ? provenView(found) : unprovenView(sessionId)
  return { success: true, session, restricted: !found }
}

const isField = ([name, value]: [string, unknown]): boolean =>
  /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name) && ['string', 'number', 'boolean'].includes(typeof value)

/** `PATCH /api/sessions/:sessionId/profile`. @throws Refused */
export function mergeProfile(userData: UserData, fields: unknown): ProfileAnswer {
  if (!isObject(fields) || !Object.entries(fields).every(isField)) throw new Refused('request.invalid')
  if (Object.keys({ ...userData, ...fields }).length > MAX_PROFILE_FIELDS) {
    throw new Refused('profile.too_many_fields')
  }
  Object.assign(userData, fields)
  const told = PROFILE_FIELDS.filter((field) => userData[field] !== undefined && userData[field] !== '')
  const completion = Math.round((100 * told.length) / PROFILE_FIELDS.length)
  return { success: true, userData: { ...userData }, completion }
}

/** `PUT /api/sessions/:sessionId/progress/:name`. @throws Refused */
export function saveProgress(progress: Map<string, unknown>, name: string, body: unknown): ProgressAnswer {
  if (!isObject(body) || !('state' in body)) throw new Refused('request.invalid')
  const { state } = body
  if (measureBytes(state) > MAX_PAYLOAD_BYTES) throw new Refused('progress.too_large')
  progress.set(name, state)
  return progressAnswer(name, state)
}

/** `GET /api/sessions/:sessionId/progress/:name`. */
export const findProgress = (progress: Map<string, unknown>, name: string): ProgressAnswer =>
  progress.has(name) ? progressAnswer(name, progress.get(name)) : { success: true, progress: null }
