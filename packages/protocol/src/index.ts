export type {
  AnonymousAuthAnswer,
  AnonymousAuthRequest,
  LoginRequest,
  SignupAnswer,
  SignupRequest,
  TokenAnswer,
} from './account.ts'
export type { ConsentChoice, ConsentMode, ConsentReport } from './consent.ts'
export { consentMode } from './consent.ts'
export type {
  EventBatch,
  EventInput,
  EventPayload,
  EventsAnswer,
  EventType,
  KnownEventType,
  RejectedEvent,
  StoredEvent,
} from './event.ts'
export { EVENT_TYPES } from './event.ts'
export type { FingerprintReport, FingerprintSource, Signals, SignalValue } from './fingerprint.ts'
export {
  DPOP_HEADER,
  DPOP_NONCE_HEADER,
  FINGERPRINT_HEADER,
  REQUEST_ID_HEADER,
  SESSION_HEADER,
  SITE_KEY_HEADER,
} from './headers.ts'
export type { EngagementIndicators, Journey, JourneyAnalytics, JourneyTransition } from './journey.ts'
export { ActivityType, UserJourneyStage, UserType } from './journey.ts'
export {
  MAX_BATCH_EVENTS,
  MAX_BODY_BYTES,
  MAX_DEVICE_ID_LENGTH,
  MAX_EVENT_SEQ,
  MAX_PAYLOAD_BYTES,
  MAX_PAYLOAD_DEPTH,
  MAX_PROFILE_FIELDS,
  MAX_PROFILE_VALUE_LENGTH,
  MIN_LINK_OBSERVATION_CONFIDENCE,
  VISIT_GAP_MS,
} from './limits.ts'
export type { ProfileAnswer, ProfileValue, ProgressAnswer, UserData } from './profile.ts'
export { PROFILE_FIELDS } from './profile.ts'
export type { RecognitionAnswer, RecognitionMethod } from './recognition.ts'
export { RECOGNITION_METHODS } from './recognition.ts'
export type { ErrorAnswer, RefusalCode, RefusalEntry, RequestIssue } from './refusals.ts'
export { REFUSALS } from './refusals.ts'
export type {
  DeviceKeyJwk,
  SessionAnswer,
  SessionMetadata,
  SessionRequest,
  SessionUserAnswer,
  SessionView,
  VisitorView,
} from './session.ts'
