import type { Journey, UserJourneyStage, UserType } from './journey.ts'
import type { UserData } from './profile.ts'
import type { RecognitionMethod } from './recognition.ts'

/** Body of `POST /api/users/signup` (document 001). */
export interface SignupRequest {
  email: string
  firstName?: string
  age?: string
  gender?: string
  profession?: string
  country?: string
  city?: string
  household?: string
  ctaVariant?: string
  username?: string
  password?: string
}

export interface SignupAnswer {
  success: true
  user: { userId: string; email: string; emailVerified: boolean; createdAt: string }
  session: { sessionId: string; userId: string; userData: UserData; convertedAt: string }
  access_token: string
  token_type: 'Bearer'
  /** Seconds. */
  expires_in: number
  /** Only for clients that are no browser; browsers hold it in an HttpOnly cookie. */
  refresh_token?: string
}

/** Body of `POST /api/auth/login`: an e-mail address or a user name. */
export interface LoginRequest {
  email?: string
  username?: string
  password: string
}

/** Answer of log-in and refresh. */
export interface TokenAnswer {
  success: true
  access_token: string
  token_type: 'Bearer'
  /** Seconds. */
  expires_in: number
  /** Only for clients that are no browser; browsers hold it in an HttpOnly cookie. */
  refresh_token?: string
  user_id: string
  session_id: string | null
}

/** Body of `POST /api/auth/anonymous` (document 000); either field alone works. */
export interface AnonymousAuthRequest {
  device_id?: string
  raw_fingerprint_data?: Record<string, unknown>
}

export interface AnonymousAuthAnswer {
  success: true
  user_id: string
  session_id: string
  is_returning: boolean
  recognition_method: RecognitionMethod
  /** 0–100, how good the observation is. */
  fingerprint_confidence: number
  ums_data: {
    fingerprint_confidence: number
    user_type: UserType
    journey_stage: UserJourneyStage
    journey: Journey
  }
  /** Only for a new user or one proven by key, cookie or token. */
  access_token?: string
  token_type?: 'Bearer'
  expires_in?: number
}
