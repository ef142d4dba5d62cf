import { quietly } from '../platform/quietly.ts'
import { type FailedRequest, mendFetch } from './mend-fetch.ts'
import type { OriginRule } from './origin-rule.ts'
import { createPolicy } from './policy.ts'
import { baseUrlOf, resolveUrl } from './resolve-url.ts'

export type { OriginRule } from './origin-rule.ts'

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

/**
 * The rules of our request headers in one place; every interceptor asks it.
 *
 * @example
 * const policy = createHeaderPolicy({ sessionId: () => session.id, tokenOrigins: ['https://api.shop.example'] })
 * const undo = interceptFetch(policy)
 */
export function createHeaderPolicy({ onWarning, ...options }: HeaderPolicyOptions): CountingPolicy {
  const counters: PolicyCounters = { attached: 0, skipped: 0, wouldPreflight: 0, redirectLearned: 0 }
  const warned = new Set<string>()
  const baseUrl = (): string =>
    typeof options.baseUrl === 'function' ? options.baseUrl() : (options.baseUrl ?? baseUrlOf(globalThis))
  // Not the origin of `baseUrl`: a <base href> may point at a CDN. 'null' in a sandbox, which names nothing.
  const pageOrigin = globalThis.origin ?? resolveUrl('', baseUrl)?.origin ?? 'null'
  const warn = (warning: PolicyWarning, address: string) => quietly(() => onWarning?.(warning, address))

  function onAttached({ origin }: URL): void {
    counters.attached++
    if (origin === pageOrigin) return
    counters.wouldPreflight++
    if (!warned.has(origin)) warn('would_preflight', origin)
    warned.add(origin)
  }
  const policy = createPolicy({
    sessionTargets: pageOrigin === 'null' ? [] : [pageOrigin],
    tokenOrigins: [],
    exclude: [],
    ...options,
    ...{ baseUrl, pageOrigin, onAttached, mend: mendFetch },
    onIgnored: (rule) => warn('rule_ignored', rule),
    onSkipped() {
      counters.skipped++
    },
    onLearned(url) {
      counters.redirectLearned++
      warn('redirect_learned', url.origin + url.pathname)
    },
  })
  return Object.assign(policy, { counters })
}
