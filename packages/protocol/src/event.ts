import type { ConsentReport } from './consent.ts'

/** The event types the product names itself. Any `^[A-Z][A-Z0-9_]{0,63}$` is taken as well. */
export const EVENT_TYPES = [
  'PAGE_VIEW',
  'QUIZ_STARTED',
  'QUIZ_COMPLETED',
  'FORM_STARTED',
  'FORM_PROGRESS',
  'SIGNUP_ATTEMPTED',
  'SIGNUP_COMPLETED',
  'CONTENT_CLICK',
  'ERROR_OCCURRED',
] as const

export type KnownEventType = (typeof EVENT_TYPES)[number]

/** A known type, with completion in editors, or one of the site's own. */
export type EventType = KnownEventType | (string & {})

/** What an event tells. A JSON object of at most 32 KiB and depth 8. */
export interface EventPayload {
  page?: string
  quizType?: string
  formType?: string
  answersCount?: number
  /** Name of an error. The SDK's `captureErrors()` tells more of it: see `ErrorPayload` of the browser package. */
  errorType?: string
  userAgent?: string
  /** ISO 8601. */
  timestamp?: string
  [key: string]: unknown
}

/** One event on the wire. */
export interface EventInput {
  /** UUIDv7 made by the SDK. The server stores one (site, eventId) once, for good. */
  eventId?: string
  /** Position within the session, from 0. */
  seq?: number
  eventType: EventType
  payload?: EventPayload
  /** Client clock, ISO 8601. Falls back to `payload.timestamp`, then to the time of arrival. */
  timestamp?: string
}

/** Body of `POST /api/events`. */
export interface EventBatch {
  /** For beacons, which cannot set headers; the header wins. */
  siteKey?: string
  sessionId?: string
  /** Client clock when the batch was sent, ISO 8601: the server corrects event times by it. */
  sentAt?: string
  consent?: ConsentReport
  events: EventInput[]
}

/** Why one event of a batch was not taken. */
export interface RejectedEvent {
  /** Position in the batch. */
  index: number
  code: string
  message: string
}

/** Answer of `POST /api/events`, given only after the rows are durable. */
export interface EventsAnswer {
  success: true
  sessionId: string | null
  accepted: number
  duplicates: number
  rejected: RejectedEvent[]
  /** Present when `ENABLE_EVENT_TRACKING=false`: nothing was stored. */
  tracking?: 'disabled'
}

/** An event as `GET /api/sessions/:sessionId/events` tells it. */
export interface StoredEvent {
  eventId: string
  eventType: string
  payload: EventPayload
  timestamp: string
}
