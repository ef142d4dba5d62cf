import {
  ActivityType,
  type EngagementIndicators,
  type JourneyTransition,
  UserJourneyStage,
  UserType,
} from '@helloagain/protocol'
import type { JourneyMove, JourneyState, JourneyTarget } from './ports.ts'

const TYPE_RANK: Readonly<Record<UserType, number>> = { anonymous: 0, returning: 1, registered: 2 }
const STAGE_RANK: Readonly<Record<UserJourneyStage, number>> = { first_visit: 0, engaged: 1, converted: 2 }

/** The least stage of each type (document 000: returning is engaged, registered is converted). */
const STAGE_OF_TYPE: Readonly<Record<UserType, UserJourneyStage>> = {
  anonymous: UserJourneyStage.FIRST_VISIT,
  returning: UserJourneyStage.ENGAGED,
  registered: UserJourneyStage.CONVERTED,
}

const furtherType = (a: UserType, b: UserType): UserType => (TYPE_RANK[b] > TYPE_RANK[a] ? b : a)

const furtherStage = (a: UserJourneyStage, b: UserJourneyStage): UserJourneyStage =>
  STAGE_RANK[b] > STAGE_RANK[a] ? b : a

const iso = (atMs: number) => new Date(atMs).toISOString()

/** A journey at its start. The history holds moves only, so it is empty. */
export function beginJourney(siteId: string, subjectId: string, atMs: number): JourneyState {
  return {
    siteId,
    subjectId,
    userType: UserType.ANONYMOUS,
    journeyStage: UserJourneyStage.FIRST_VISIT,
    firstVisitAtMs: atMs,
    version: 1,
    history: [],
  }
}

/**
 * The journey moved to a target, or undefined when that changes nothing: types go anonymous → returning →
 * registered, stages first_visit → engaged → converted, never back. So every move is idempotent, and moves that
 * race arrive at the same place in whatever order they land.
 *
 * @throws RangeError for stage `converted` of somebody who is not registered
 */
export function moveJourney(
  state: JourneyState,
  { newType, newStage }: JourneyTarget,
  atMs: number,
): JourneyState | undefined {
  const userType = furtherType(state.userType, newType ?? state.userType)
  if (newStage === UserJourneyStage.CONVERTED && userType !== UserType.REGISTERED) {
    throw new RangeError('Only a registered person is converted: set newType to registered.')
  }
  const asked = furtherStage(state.journeyStage, newStage ?? state.journeyStage)
  const journeyStage = furtherStage(asked, STAGE_OF_TYPE[userType])
  if (userType === state.userType && journeyStage === state.journeyStage) return undefined
  const transition: JourneyTransition = {
    from_type: state.userType,
    to_type: userType,
    from_stage: state.journeyStage,
    to_stage: journeyStage,
    changed_at: iso(atMs),
  }
  return {
    ...state,
    userType,
    journeyStage,
    version: state.version + 1,
    history: [...state.history, transition],
  }
}

export interface JourneyStep {
  readonly next: JourneyState
  readonly expectedVersion: number | null
  /** Null: the journey begins where it is asked to be. */
  readonly transition: JourneyTransition | null
}

/** What has to be written to bring somebody to a target, or undefined when they are there. */
export function planStep(
  found: JourneyState | undefined,
  { siteId, subjectId, target, atMs }: JourneyMove,
): JourneyStep | undefined {
  const start = found ?? beginJourney(siteId, subjectId, atMs)
  const moved = moveJourney(start, target, atMs)
  if (found) {
    return moved && { next: moved, expectedVersion: found.version, transition: moved.history.at(-1) ?? null }
  }
  // The first write of a journey is version 1, also where it begins further on.
  const next = { ...(moved ?? start), version: start.version }
  return { next, expectedVersion: null, transition: moved?.history.at(-1) ?? null }
}

/** Several journeys of one person as one: the furthest type and stage, the first visit, every move. */
export function mergeJourneys(
  subjectId: string,
  states: readonly [JourneyState, ...JourneyState[]],
): JourneyState {
  return {
    ...states[0],
    subjectId,
    userType: states.map(({ userType }) => userType).reduce(furtherType),
    journeyStage: states.map(({ journeyStage }) => journeyStage).reduce(furtherStage),
    firstVisitAtMs: Math.min(...states.map(({ firstVisitAtMs }) => firstVisitAtMs)),
    history: states
      .flatMap(({ history }) => history)
      .sort((a, b) => a.changed_at.localeCompare(b.changed_at)),
  }
}

export interface Engagement {
  readonly firstVisitAtMs: number
  readonly lastVisitAtMs: number
  readonly visits: number
  /** How often they did what. */
  readonly activities: ReadonlyMap<string, number>
  readonly hasProfile: boolean
}

const DAY_MS = 86_400_000
const total = (counts: ReadonlyMap<string, number>) =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)
const wholeDays = (fromMs: number, toMs: number) => Math.max(0, Math.floor((toMs - fromMs) / DAY_MS))

export function engagementIndicators(engagement: Engagement, atMs: number): EngagementIndicators {
  const { activities, visits, firstVisitAtMs, lastVisitAtMs, hasProfile } = engagement
  const did = (...types: string[]) => types.some((type) => (activities.get(type) ?? 0) > 0)
  return {
    has_multiple_sessions: visits > 1,
    has_conversations: did(ActivityType.CHAT_START, ActivityType.CHAT_MESSAGE),
    has_completed_quiz: did(ActivityType.QUIZ_COMPLETED),
    has_started_form: did(ActivityType.FORM_STARTED, ActivityType.FORM_PROGRESS),
    has_profile: hasProfile,
    days_since_first_visit: wholeDays(firstVisitAtMs, atMs),
    days_since_last_visit: wholeDays(lastVisitAtMs, atMs),
    event_count: total(activities),
  }
}

/** Points for having done a thing at all; the nearer a thing is to signing up, the more. */
const ACTIVITY_POINTS: readonly (readonly [points: number, types: readonly string[]])[] = [
  [12, [ActivityType.SIGNUP_ATTEMPTED, ActivityType.SIGNUP_COMPLETED]],
  [10, [ActivityType.FORM_STARTED]],
  [5, [ActivityType.FORM_PROGRESS]],
  [8, [ActivityType.QUIZ_COMPLETED]],
  [4, [ActivityType.QUIZ_STARTED]],
  [8, [ActivityType.CHAT_START, ActivityType.CHAT_MESSAGE]],
  [3, [ActivityType.CONTENT_CLICK]],
]
const VISIT_POINTS = 24
/** Each further visit brings 40 % of what is left. */
const VISIT_REMAINDER = 0.6
const RECENCY_POINTS = 8
const RECENCY_HALF_LIFE_DAYS = 7
const VOLUME_POINTS = 6
const VOLUME_REMAINDER = 0.85
const PROFILE_POINTS = 7
const TYPE_POINTS: Readonly<Record<UserType, number>> = { anonymous: 0, returning: 4, registered: 4 }

export interface ScoreFactors extends Engagement {
  readonly userType: UserType
  readonly journeyStage: UserJourneyStage
}

/**
 * How near somebody is to converting, 0–100. Who has converted stands at 100; everybody else gets a scorecard of
 * 99 points at most, in which more of anything never lowers the sum.
 *
 * Its form follows the buying models of recency and frequency: repeat visits raise the chance with diminishing
 * returns, and it decays as they lie back (Moe & Fader, "Dynamic Conversion Behavior at E-Commerce Sites",
 * Management Science 50(3), 2004; Fader, Hardie & Lee, "RFM and CLV", Journal of Marketing Research 42(4), 2005).
 * The points are priors by nearness to sign-up, not fitted to anybody's data: read the score as a rank, and compare
 * it within one site only.
 */
export function scoreConversion(factors: ScoreFactors, atMs: number): number {
  const { activities, visits, lastVisitAtMs, hasProfile, userType, journeyStage } = factors
  if (journeyStage === UserJourneyStage.CONVERTED) return 100
  const idleDays = Math.max(0, atMs - lastVisitAtMs) / DAY_MS
  const eventCount = total(activities)
  const activityPoints = ACTIVITY_POINTS.reduce(
    (points, [worth, types]) => points + (types.some((type) => (activities.get(type) ?? 0) > 0) ? worth : 0),
    0,
  )
  const sum =
    VISIT_POINTS * (1 - VISIT_REMAINDER ** Math.max(0, visits - 1)) +
    RECENCY_POINTS * 2 ** (-idleDays / RECENCY_HALF_LIFE_DAYS) +
    VOLUME_POINTS * (1 - VOLUME_REMAINDER ** eventCount) +
    activityPoints +
    (hasProfile ? PROFILE_POINTS : 0) +
    TYPE_POINTS[userType]
  return Math.min(99, Math.round(sum))
}
