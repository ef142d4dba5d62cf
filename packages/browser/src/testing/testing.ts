// Everything here is under semantic versioning; nothing of it belongs into a page.
export type { FixedAnswer } from './answer-request.ts'
export type { ReturningPerson, TestSession } from './held-sessions.ts'
export type { TestRequest } from './read-request.ts'
export type { RecordedEvent } from './recorded-event.ts'
// biome-ignore lint/performance/noBarrelFile: the door of the subpath `@helloagain/browser/testing`.
export { createRecorder, type Recorder, type RecorderOptions } from './recorder.ts'
export {
  createTestServer,
  type FailOptions,
  type TestServer,
  type TestServerOptions,
  type WaitOptions,
} from './test-server.ts'
