export const UserType = { ANONYMOUS: 'anonymous', RETURNING: 'returning', REGISTERED: 'registered' } as const
export type UserType = (typeof UserType)[keyof typeof UserType]

export const UserJourneyStage = {
  FIRST_VISIT: 'first_visit',
  ENGAGED: 'engaged',
  CONVERTED: 'converted',
} as const
export type UserJourneyStage = (typeof UserJourneyStage)[keyof typeof UserJourneyStage]

/** Activities the conversion score knows. Any `^[A-Z][A-Z0-9_]{0,63}$` can be tracked. */
export const ActivityType = {
  PAGE_VIEW: 'PAGE_VIEW',
  CHAT_START: 'CHAT_START',
  CHAT_MESSAGE: 'CHAT_MESSAGE',
  QUIZ_STARTED: 'QUIZ_STARTED',
  QUIZ_COMPLETED: 'QUIZ_COMPLETED',
  FORM_STARTED: 'FORM_STARTED',
  FORM_PROGRESS: 'FORM_PROGRESS',
  CONTENT_CLICK: 'CONTENT_CLICK',
  SIGNUP_ATTEMPTED: 'SIGNUP_ATTEMPTED',
  SIGNUP_COMPLETED: 'SIGNUP_COMPLETED',
  LOGIN: 'LOGIN',
} as const
export type ActivityType = (typeof ActivityType)[keyof typeof ActivityType] | (string & {})

/** One step of a journey. */
export interface JourneyTransition {
  from_type: UserType | null
  to_type: UserType
  from_stage: UserJourneyStage | null
  to_stage: UserJourneyStage
  /** ISO 8601 UTC with milliseconds. */
  changed_at: string
}

export interface Journey {
  user_type: UserType
  journey_stage: UserJourneyStage
  first_visit_at: string
  progression_history: JourneyTransition[]
}

export interface EngagementIndicators {
  has_multiple_sessions: boolean
  has_conversations: boolean
  has_completed_quiz: boolean
  has_started_form: boolean
  has_profile: boolean
  days_since_first_visit: number
  days_since_last_visit: number
  event_count: number
}

/** Answer of `GET /api/ums/analytics/:user_id`. */
export interface JourneyAnalytics {
  user_id: string
  user_type: UserType
  current_type: UserType
  journey_stage: UserJourneyStage
  current_stage: UserJourneyStage
  /** 0–100. */
  conversion_score: number
  engagement_indicators: EngagementIndicators
  /** Visits: runs of activity with no gap over 30 minutes. */
  total_sessions: number
  first_visit_at: string
  progression_history: JourneyTransition[]
}
