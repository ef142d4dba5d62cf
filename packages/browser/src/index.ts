// Everything here is under semantic versioning; nothing else is reachable.
export type {
  ConsentChoice,
  ConsentMode,
  ConsentReport,
  EventInput,
  EventPayload,
  EventType,
  ProfileAnswer,
  ProfileValue,
  RecognitionMethod,
  UserData,
} from '@helloagain/protocol'
export { EVENT_TYPES } from '@helloagain/protocol'
export type { Client, Recognition } from './client-surface.ts'
export { createClient } from './create-client.ts'
export type { CaptureErrorsOptions, ErrorPayload } from './errors/error-payload.ts'
export type { PolicySource } from './interceptors/current-policy.ts'
export { interceptFetch } from './interceptors/fetch.ts'
export type { CountingPolicy, HeaderPolicy, HeaderPolicyOptions } from './interceptors/header-policy.ts'
export { createHeaderPolicy } from './interceptors/header-policy.ts'
export type { OriginRule } from './interceptors/origin-rule.ts'
export type { Uninstall } from './interceptors/uninstall.ts'
export { interceptXhr } from './interceptors/xhr.ts'
export type { ClientOptions } from './options.ts'
export { getSessionHeaders } from './page-client.ts'
export type { DropReason } from './queue/drop-reason.ts'
export type { QueueStats } from './queue/queue.ts'
export { SdkError, type SdkErrorCode } from './sdk-error.ts'
export { SessionManager } from './session-manager.ts'
