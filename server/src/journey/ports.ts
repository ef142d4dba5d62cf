import type {
  Journey,
  JourneyAnalytics,
  JourneyTransition,
  UserJourneyStage,
  UserType,
} from '@helloagain/protocol'

/** Where somebody stands. `subjectId` is a visitor, or a user of the host application. */
export interface JourneyState {
  readonly subjectId: string
  readonly siteId: string
  readonly userType: UserType
  readonly journeyStage: UserJourneyStage
  readonly firstVisitAtMs: number
  /** Counts up with every change. */
  readonly version: number
  readonly history: readonly JourneyTransition[]
}

/** Where journeys are kept: our own tables, or the `preferences` JSON of somebody else's users. */
export interface JourneyBook {
  find(siteId: string, subjectId: string): Promise<JourneyState | undefined>
  /** Writes only over the version it was read at; false when somebody else was faster. */
  save(
    next: JourneyState,
    expectedVersion: number | null,
    transition: JourneyTransition | null,
  ): Promise<boolean>
}

/** What this room offers the others. */
export interface Journeys {
  begin(siteId: string, subjectId: string, atMs: number): Promise<JourneyState>
  promoteToReturning(siteId: string, subjectId: string, atMs: number): Promise<JourneyState>
  promoteToRegistered(siteId: string, subjectId: string, atMs: number): Promise<JourneyState>
  find(siteId: string, subjectId: string): Promise<JourneyState | undefined>
  view(state: JourneyState): Journey
  analytics(siteId: string, subjectId: string, atMs: number): Promise<JourneyAnalytics | undefined>
}
