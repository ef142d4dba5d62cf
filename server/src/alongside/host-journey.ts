import type { ReadAnalytics } from '../journey/analytics.ts'
import { beginJourney } from '../journey/policy.ts'
import type { JourneyService } from '../journey/ports.ts'
import { Problem } from '../platform/http/problem.ts'
import type { Session } from '../sessions/ports.ts'
import { createGreet, type Greet, type GreetParts } from './greeting.ts'
import type { HostUser, UsersAdapter } from './ports.ts'

/** Document 000's `UserJourneyService` over the application's own users. */
export interface HostJourneyService<User> extends JourneyService<User> {
  /**
   * All of document 000's anonymous log-in for a user that the application has found or made itself: recognises,
   * moves the journey, notes the visit, and answers what to add to the response. Never throws, and never hands out
   * another user: where anything fails the person is greeted as new.
   *
   * Its second argument is the request: the parsed body may hold `device_id` and `raw_fingerprint_data`. `isNew`
   * says that the application made the user just now.
   *
   * @example response.json({ ...yours, ...(await journey.greet(user, request, { isNew })) })
   */
  greet: Greet<User>
}

export interface HostJourneyParts<User extends HostUser> extends GreetParts<User> {
  readonly users: UsersAdapter<User>
  /** Every session that is known to be the user's. */
  readonly listSessions: (userId: string) => Promise<Session[]>
  readonly readAnalytics: ReadAnalytics
}

export function createHostJourney<User extends HostUser>(
  parts: HostJourneyParts<User>,
): HostJourneyService<User> {
  const { site, nowMs, users, journeys, recognition, trail } = parts

  const progress: JourneyService<User>['progressUserJourney'] = async ({ id }, target) =>
    journeys.view(await journeys.progress({ siteId: site.id, subjectId: String(id), target, atMs: nowMs() }))

  const getUserAnalytics: JourneyService<User>['getUserAnalytics'] = async (user) => {
    const id = String(user.id)
    if (!(await users.findById(id))) throw new Problem('ums.not_found')
    // A user that never had a journey is at its beginning; nothing is written for being looked at.
    const journey = (await journeys.find(site.id, id)) ?? beginJourney(site.id, id, nowMs())
    return parts.readAnalytics(journey, await parts.listSessions(id), nowMs())
  }

  return {
    greet: createGreet(parts),
    recognizeReturningUser: async (raw, { deviceId } = {}) =>
      recognition.find(await recognition.look(raw), deviceId),
    progressUserJourney: progress,
    promoteAnonymousToReturning: (user) => progress(user, { newType: 'returning', newStage: 'engaged' }),
    promoteToRegistered: (user) => progress(user, { newType: 'registered', newStage: 'converted' }),
    trackUserActivity: ({ id }, activity, metadata) =>
      trail.note(String(id), { eventType: activity, ...(metadata && { payload: metadata }) }, nowMs()),
    getUserAnalytics,
    calculateConversionScore: async (user) => (await getUserAnalytics(user)).conversion_score,
  }
}
