import type {
  ConsentChoice,
  ConsentMode,
  ConsentReport,
  EventPayload,
  EventType,
  ProfileAnswer,
  ProfileValue,
  RecognitionMethod,
  UserData,
} from '@helloagain/protocol'
import type { CaptureErrorsOptions } from './errors/error-payload.ts'
import type { HeaderPolicy } from './interceptors/policy-port.ts'
import type { QueueStats } from './queue/queue.ts'

/** Somebody who was here before. */
export interface Recognition {
  /** The evidence. Only `cookie` and `device_key` prove it is the same browser. */
  method: RecognitionMethod
  isReturning: true
}

/** The page's hold on Hello Again. Nothing here throws or rejects; what goes wrong is told to `onError`. */
export interface Client {
  /** False where nothing happens: server-side rendering, an unsupported browser, a refused option. */
  readonly supported: boolean
  /** Id of the anonymous session; undefined after an opt-out. */
  readonly sessionId: string | undefined
  /** What consent allows at the moment. */
  readonly consentMode: ConsentMode
  /** Which requests carry which headers; hand it to `interceptAxios` and `kyHooks`. */
  readonly headerPolicy: HeaderPolicy

  /** Resolves once the session is open, or could not be opened. */
  ready(): Promise<void>
  /**
   * Tracks an event. @example client.track('QUIZ_STARTED', { quizType: 'personality' })
   * @param type one of the nine, or `^[A-Z][A-Z0-9_]{0,63}$`
   * @param payload JSON of at most 32 KiB and depth 8
   */
  track(type: EventType, payload?: EventPayload): void
  /** Tracks a page view; by itself this happens on each change of the path. */
  page(props?: EventPayload): void
  /**
   * Tracks uncaught errors and rejected promises of the page as ERROR_OCCURRED, without personal data, each error once
   * and how often it occurred again. @returns its undo
   */
  captureErrors(options?: CaptureErrorsOptions): Promise<() => void>
  /** Adds what the person told the site to the profile. Undefined where the server refuses (no proof). */
  identify(fields: Record<string, ProfileValue>): Promise<ProfileAnswer | undefined>
  /** What is known of the person, from the server; null below cookie and key. */
  profile(): Promise<UserData | null>
  /** Saves the state of a quiz, form or chat, at most 32 KiB of JSON. @returns whether it is saved */
  saveProgress(name: string, state: unknown): Promise<boolean>
  /** The state saved under a name; null where there is none. */
  resume(name: string): Promise<unknown>
  /** Fills the empty fields of a form with what is known. @returns how many fields were filled */
  prefill(form: HTMLFormElement): Promise<number>
  /** Calls back once if the person was here before, also when that is known already. @returns its undo */
  onRecognized(callback: (recognition: Recognition) => void): () => void
  /** Headers for requests made past the interceptors; the token is left to you. */
  getSessionHeaders(): Record<string, string>
  /** The fingerprint, 32 hex digits; undefined before it was observed and where consent forbids it. */
  fingerprint(): string | undefined
  /** Keeps the access token of a signed-in person, in memory only. Null signs out. */
  setAccessToken(token: string | null): void
  getAccessToken(): string | undefined
  /** Starts anew as somebody else: forgets identity, token and fingerprint. The consent decision stays. */
  reset(): Promise<void>
  /** The person refuses: all that is stored goes, but the refusal itself. */
  optOut(decision?: { wording?: string }): Promise<void>
  /** The person agrees by a click; that outranks Global Privacy Control. */
  optIn(decision?: { wording?: string }): Promise<void>
  /** Takes over what a consent banner says. */
  setConsent(report: ConsentChoice | ConsentReport): Promise<void>
  /** Sends waiting events now. */
  flush(): Promise<void>
  /** How many events wait, arrived and were dropped, and why. */
  stats(): QueueStats
  /** Sends what waits and undoes every patch of the page. */
  close(): void
}
