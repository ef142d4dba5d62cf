import { type AnonymousAuthAnswer, type RecognitionMethod, VISIT_GAP_MS } from '@helloagain/protocol'
import { beginJourney } from '../journey/policy.ts'
import type { JourneyState, Journeys } from '../journey/ports.ts'
import type { SiteIdentity } from '../platform/http/context.ts'
import type { Log } from '../platform/log.ts'
import type { Sessions } from '../sessions/ports.ts'
import { type AuthEvidence, type AuthRequest, readAuthRequest } from './auth-request.ts'
import { type HostRecognition, isUsable } from './host-recognition.ts'
import type { HostTrail } from './host-trail.ts'
import type { HostUser, UsersAdapter } from './ports.ts'

/** What an anonymous log-in of the application adds to its own answer (document 000). */
export type Greeting = Pick<
  AnonymousAuthAnswer,
  'fingerprint_confidence' | 'is_returning' | 'recognition_method' | 'ums_data'
>

export type Greet<User> = (user: User, request: AuthRequest, options: { isNew: boolean }) => Promise<Greeting>

export interface GreetParts<User extends HostUser> {
  readonly site: SiteIdentity
  readonly nowMs: () => number
  readonly log: Log
  readonly users: Pick<UsersAdapter<User>, 'saveFingerprint'>
  readonly journeys: Journeys
  readonly recognition: HostRecognition<User>
  readonly trail: HostTrail
  readonly sessions: Pick<Sessions, 'visitsOf'>
}

interface Recognised {
  readonly isReturning: boolean
  readonly method: RecognitionMethod
  readonly confidence: number
}

const STRANGER: Recognised = { isReturning: false, method: 'new_user', confidence: 0 }

/** What the application itself knows: it found this user, or made them just now. */
const knownBy = ({ deviceId }: AuthEvidence, isNew: boolean): Recognised =>
  isNew
    ? STRANGER
    : { isReturning: true, method: deviceId === undefined ? 'session_token' : 'device_id', confidence: 0 }

/** Recognises, moves the journey, notes the visit; never throws into the application. */
export function createGreet<User extends HostUser>(parts: GreetParts<User>): Greet<User> {
  const { site, nowMs, log, users, journeys, recognition, trail, sessions } = parts
  const idOf = (user: User) => String(user.id)

  function tell({ isReturning, method, confidence }: Recognised, state: JourneyState): Greeting {
    const journey = journeys.view(state)
    return {
      is_returning: isReturning,
      recognition_method: method,
      fingerprint_confidence: confidence,
      ums_data: {
        fingerprint_confidence: confidence,
        user_type: journey.user_type,
        journey_stage: journey.journey_stage,
        journey,
      },
    }
  }

  /** A further request of the same visit is no return; a user from before the integration comes back. */
  async function isNewVisit(user: User): Promise<boolean> {
    const visitorIds = (await trail.list(idOf(user))).map(({ visitorId }) => visitorId)
    const { count, lastAtMs } = await sessions.visitsOf(site.id, visitorIds)
    return count === 0 || nowMs() - lastAtMs > VISIT_GAP_MS
  }

  async function move(user: User, { isReturning, method }: Recognised): Promise<JourneyState> {
    const isReturn = isReturning && (method === 'fingerprint_recognized' || (await isNewVisit(user)))
    const act = isReturn ? journeys.promoteToReturning : journeys.begin
    return act(site.id, idOf(user), nowMs())
  }

  async function welcome(user: User, evidence: AuthEvidence, isNew: boolean): Promise<Greeting> {
    const known = knownBy(evidence, isNew)
    if (evidence.hasOptOutSignal) {
      // Global Privacy Control, DNT: nothing is looked at and nothing is kept.
      const state = await journeys.find(site.id, idOf(user))
      return tell(known, state ?? beginJourney(site.id, idOf(user), nowMs()))
    }
    const seen = await recognition.look(evidence.raw)
    const confidence = seen?.confidence ?? 0
    const [other] = isNew ? await recognition.find(seen, undefined) : [null]
    const isFoundAgain = other !== null && idOf(other) !== idOf(user)
    const recognised: Recognised = isFoundAgain
      ? { isReturning: true, method: 'fingerprint_recognized', confidence }
      : { ...known, confidence }
    const state = await move(user, recognised)
    if (isUsable(seen)) await users.saveFingerprint?.(idOf(user), seen.hash)
    await trail.note(idOf(user), { eventType: 'ANONYMOUS_AUTH' }, nowMs())
    return tell(recognised, state)
  }

  return async (user, request, { isNew }) => {
    try {
      return await welcome(user, readAuthRequest(request), isNew)
    } catch (error) {
      log.warn({ err: error }, 'a person could not be greeted; the application goes on without')
      return tell(STRANGER, beginJourney(site.id, idOf(user), nowMs()))
    }
  }
}
