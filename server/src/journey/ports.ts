import type {
  ActivityType,
  EventInput,
  EventPayload,
  Journey,
  JourneyAnalytics,
  JourneyTransition,
  RecognitionAnswer,
  RecognitionMethod,
  UserJourneyStage,
  UserType,
} from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import type { WeakEvidence } from '../recognition/ports.ts'
import type { ResolvedSession, Session } from '../sessions/ports.ts'
import type { Touch } from '../sessions/tables.ts'

/** Where somebody stands. `subjectId` is a visitor, or a user of the host application. */
export interface JourneyState {
  readonly subjectId: string
  readonly siteId: string
  readonly userType: UserType
  readonly journeyStage: UserJourneyStage
  readonly firstVisitAtMs: number
  /** Counts up with every change. */
  readonly version: number
  /** Oldest first. */
  readonly history: readonly JourneyTransition[]
}

/** Where journeys are kept: our own tables, or the `preferences` JSON of somebody else's users. */
export interface JourneyBook {
  find(siteId: string, subjectId: string): Promise<JourneyState | undefined>
  /**
   * Writes only over the version it was read at; false when somebody else was faster.
   *
   * @param expectedVersion null: there is none yet
   * @param transition the last entry of `next.history`, when this change added one
   */
  save(
    next: JourneyState,
    expectedVersion: number | null,
    transition: JourneyTransition | null,
  ): Promise<boolean>
}

/** Our own tables. */
export interface JourneyStore extends JourneyBook {
  /** Deletes a journey with its history: nothing of the person is left. */
  eraseJourney(siteId: string, subjectId: string): Promise<void>
}

/** Where somebody is to be moved; what is left out stays. */
export interface JourneyTarget {
  readonly newType?: UserType
  readonly newStage?: UserJourneyStage
}

export interface JourneyMove {
  readonly siteId: string
  readonly subjectId: string
  readonly target: JourneyTarget
  readonly atMs: number
}

/** What this room offers the others. */
export interface Journeys {
  /** The journey, begun at `atMs` when there is none. */
  begin(siteId: string, subjectId: string, atMs: number): Promise<JourneyState>
  promoteToReturning(siteId: string, subjectId: string, atMs: number): Promise<JourneyState>
  promoteToRegistered(siteId: string, subjectId: string, atMs: number): Promise<JourneyState>
  /**
   * Moves forward to a type, a stage or both. A move backward changes nothing.
   *
   * @throws RangeError for stage `converted` of somebody who is not registered
   */
  progress(move: JourneyMove): Promise<JourneyState>
  find(siteId: string, subjectId: string): Promise<JourneyState | undefined>
  /** As the wire tells it. */
  view(state: JourneyState): Journey
}

/** Reads journey, visits and activities of one subject together. */
export interface JourneyAnalyst {
  /**
   * Of a visitor, or of a user with all visitors whose sessions were linked to them by proof. Fingerprint links do
   * not count: what they join may be two people. Undefined for an id of neither.
   */
  analytics(siteId: string, subjectId: string, atMs: number): Promise<JourneyAnalytics | undefined>
}

/** How the sessions room opens a session for whoever arrives: `POST /api/sessions` and anonymous log-in alike. */
export interface ArrivalDesk {
  resolve(context: RequestContext): Promise<ResolvedSession | undefined>
  open(request: {
    context: RequestContext
    described: { metadata: Record<string, unknown>; touch: Omit<Touch, 'at'> }
    evidence: WeakEvidence
    isFresh: boolean
  }): Promise<Arrived>
}

export interface Arrived {
  readonly session: Session
  /** False: nothing of the session may be told. */
  readonly isProven: boolean
  readonly recognition: RecognitionAnswer
  readonly setCookie: string | undefined
}

/** What somebody did, told by the server or by the person's own token. */
export interface ActivityLog {
  /**
   * Notes it on the latest living session of the token's subject.
   *
   * @throws Problem `auth.token_required`, `ums.not_found` where no session lives
   */
  track(context: RequestContext, event: EventInput): Promise<{ userId: string }>
}

/** Document 000's `UserJourneyService`, under its names. `User` is whatever the caller knows persons as. */
export interface JourneyService<User> {
  /**
   * Whoever the raw fingerprint data points to, by document 000's rule (confidence 60 or more), and how; null and
   * `new_user` for nobody. A device id, when given, is asked first.
   *
   * The answer is a guess, good for a greeting. It proves nothing: never log anybody in by it, nor show their data.
   *
   * @example const [user, method] = await journey.recognizeReturningUser(raw)
   */
  recognizeReturningUser(
    raw: Readonly<Record<string, unknown>> | undefined,
    more?: { deviceId?: string },
  ): Promise<[user: User | null, method: RecognitionMethod]>
  /** Moves forward, begins where there is no journey, and changes nothing where the move would go back. */
  progressUserJourney(user: User, target: JourneyTarget): Promise<Journey>
  promoteAnonymousToReturning(user: User): Promise<Journey>
  promoteToRegistered(user: User): Promise<Journey>
  /** @throws Problem `event.type_invalid`, `event.payload_invalid` and their like */
  trackUserActivity(user: User, activity: ActivityType, metadata?: EventPayload): Promise<void>
  /** @throws Problem `ums.not_found` */
  getUserAnalytics(user: User): Promise<JourneyAnalytics>
  /** 0–100. @throws Problem `ums.not_found` */
  calculateConversionScore(user: User): Promise<number>
}
