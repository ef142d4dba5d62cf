import type { OriginRule } from './origin-rule.ts'

export interface HeaderPolicyOptions {
  /** What relative URLs resolve against. @default `document.baseURI`, in workers `location.href` */
  baseUrl?: string | (() => string)
  /** Where the session id and the fingerprint may go. @default the page's own origin, exactly */
  sessionTargets?: readonly OriginRule[]
  /** API origins the bearer token may go to. Session targets do not receive it on their own. @default none */
  tokenOrigins?: readonly OriginRule[]
  /** Requests that are never touched, for example `['/downloads']`. Outranks the two lists above. @default none */
  exclude?: readonly OriginRule[]
  /** Read for every request; must not extend or rotate the session. */
  sessionId: () => string | null | undefined
  /** Read for every request; sent only while there is no access token. */
  fingerprint?: () => string | null | undefined
  /** Read for every request. */
  accessToken?: () => string | null | undefined
  /** Called with a fingerprint the server had to make, from answers of session targets only. */
  onServerFingerprint?: (fingerprint: string) => void
  /** Called for things a developer should know; show them in debug mode. */
  onWarning?: (warning: PolicyWarning, address: string) => void
}

/**
 * - `rule_ignored`: a rule names no origin (see `OriginRule`).
 * - `would_preflight`: our headers cost this cross-origin request a preflight; once per origin. The server must allow them
 *   and should send `Access-Control-Max-Age: 7200`.
 * - `redirect_learned`: this path redirects to a place that is no session target, so it goes without our headers from now on.
 */
export type PolicyWarning = 'rule_ignored' | 'would_preflight' | 'redirect_learned'

export interface PolicyCounters {
  /** Requests that got at least one of our headers. */
  attached: number
  /** Requests left alone: not named by a rule, excluded, learned, or of a mode that drops headers. */
  skipped: number
  /** Cross-origin requests among `attached`: each costs a preflight until the browser caches its answer. */
  wouldPreflight: number
  /** Paths found to redirect to a place that is no session target. */
  redirectLearned: number
}

/** The part of `Headers` the policy needs; `AxiosHeaders` and a recorded XHR can play it too. */
export interface HeaderCarrier {
  get(name: string): string | null
  set(name: string, value: string): void
}

export interface Answer {
  url: URL
  /** Where the answer came from after redirects; empty where the browser does not say. */
  finalUrl: string
  readHeader: (name: string) => string | null | undefined
  /** The request went without our headers after it had failed with them. @default false */
  isBareRetry?: boolean
}

export type RequestHeaders = Readonly<Record<string, string>>

/** Decides which request carries which of our headers, and what is taken from answers. Never throws. */
export interface HeaderPolicy {
  /** Our headers for a URL: `undefined` means leave the request alone, an empty record means only read the answer. */
  headersFor(url: string | URL): RequestHeaders | undefined
  /** Sets the headers the carrier does not have yet (the caller's own win) and says whether it set one. */
  attach(url: URL, headers: RequestHeaders, carrier: HeaderCarrier): boolean
  /** Reads the server-made fingerprint from an answer of a session target. */
  takeIn(url: string | URL, readHeader: Answer['readHeader']): void
  /** Reports an answer: takes in its fingerprint, or learns that the path redirects away. */
  answered(answer: Answer): void
  /**
   * Reports a network failure of a GET or HEAD that cannot be sent again. If it carried our headers, the path goes without
   * them until it answers or fails once more; where that answer comes from decides.
   */
  failed(url: URL, carriedOurs: boolean): void
  /** Counts a request the interceptor itself decided to leave alone. */
  skip(): void
  /** Answers for a request that failed with our headers: sends it once more without them, or throws its error. */
  mend(failed: FailedRequest): unknown
}

/** A policy that counts what it does. */
export interface CountingPolicy extends HeaderPolicy {
  readonly counters: Readonly<PolicyCounters>
}

/** A request as the page made it. */
export interface RequestParts {
  input: unknown
  request: Request | undefined
  /** Our own plain copy of the app's. */
  init: RequestInit
}

/** A request to which headers of ours were added. */
export interface CarriedRequest extends RequestParts {
  /** Headers of the app. */
  own: Headers
  /** Ours, of which the app's own win. */
  ours: RequestHeaders
  /** What was sent. */
  headers: Headers
}

/** A request of the page that failed in the network while it carried headers of ours. */
export interface FailedRequest {
  carried: CarriedRequest
  /** Sends the same call with other arguments. */
  send(args: readonly unknown[]): unknown
  error: unknown
}
