import { FINGERPRINT_HEADER, SESSION_HEADER } from '@helloagain/protocol'
import { compileRules, type OriginRule } from './origin-rule.ts'
import { baseUrlOf, resolveUrl } from './resolve-url.ts'

export type { OriginRule } from './origin-rule.ts'

/** Paths remembered as redirecting away. A page that meets more forgets the oldest. */
const MAX_LEARNED_PATHS = 200

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
  readonly counters: Readonly<PolicyCounters>
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
}

function quietly<T>(read: (() => T) | undefined): T | undefined {
  try {
    return read?.()
  } catch {
    return
  }
}

interface Carries {
  carriesSession: boolean | undefined
  carriesToken: boolean | undefined
}

function readHeaders(options: HeaderPolicyOptions, { carriesSession, carriesToken }: Carries) {
  const token = quietly(options.accessToken)
  const values = {
    [SESSION_HEADER]: carriesSession && quietly(options.sessionId),
    [FINGERPRINT_HEADER]: carriesSession && !token && quietly(options.fingerprint),
    Authorization: carriesToken && token && `Bearer ${token}`,
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) if (value) headers[name] = value
  return headers
}

function setMissing(headers: RequestHeaders, carrier: HeaderCarrier): boolean {
  // The app's own bearer token is a token too: then the fingerprint stays home.
  const isSignedIn = /^bearer /i.test(carrier.get('Authorization') ?? '')
  const missing = Object.entries(headers).filter(
    ([name]) => carrier.get(name) === null && !(isSignedIn && name === FINGERPRINT_HEADER),
  )
  for (const [name, value] of missing) carrier.set(name, value)
  return missing.length > 0
}

function createPathMemory() {
  const paths = new Set<string>()
  const key = (url: URL) => url.origin + url.pathname
  return {
    has: (url: URL) => paths.has(key(url)),
    forget: (url: URL) => paths.delete(key(url)),
    add(url: URL): void {
      paths.add(key(url))
      if (paths.size <= MAX_LEARNED_PATHS) return
      for (const oldest of paths) return void paths.delete(oldest)
    },
  }
}

function createCoverage({ baseUrl, onWarning, ...rules }: HeaderPolicyOptions) {
  const readBase = () => (typeof baseUrl === 'function' ? baseUrl() : (baseUrl ?? baseUrlOf(globalThis)))
  const parse = (address: string | URL) => resolveUrl(address, quietly(readBase) ?? '')
  // Not the origin of `baseUrl`: a <base href> may point at a CDN. 'null' in a sandbox, which names nothing.
  const pageOrigin = globalThis.origin ?? parse('')?.origin ?? 'null'
  const compile = (list: readonly OriginRule[]) =>
    compileRules(list, { pageOrigin, onIgnored: (rule) => quietly(() => onWarning?.('rule_ignored', rule)) })
  const isSessionTarget = compile(rules.sessionTargets ?? (pageOrigin === 'null' ? [] : [pageOrigin]))
  const isTokenOrigin = compile(rules.tokenOrigins ?? [])
  const isExcluded = compile(rules.exclude ?? [])
  const isAllowed = (url: URL) =>
    // Whatever a rule says, an https page hands nothing to plain http.
    !(pageOrigin.startsWith('https:') && url.protocol === 'http:') && !isExcluded(url)
  return {
    parse,
    pageOrigin,
    takesSession: (url: URL) => isAllowed(url) && isSessionTarget(url),
    takesToken: (url: URL) => isAllowed(url) && isTokenOrigin(url),
  }
}

/**
 * The rules of our request headers in one place; every interceptor asks it.
 *
 * @example
 * const policy = createHeaderPolicy({ sessionId: () => session.id, tokenOrigins: ['https://api.shop.example'] })
 * const undo = interceptFetch(policy)
 */
export function createHeaderPolicy(options: HeaderPolicyOptions): HeaderPolicy {
  const { parse, pageOrigin, takesSession, takesToken } = createCoverage(options)
  const counters: PolicyCounters = { attached: 0, skipped: 0, wouldPreflight: 0, redirectLearned: 0 }
  const learned = createPathMemory()
  const suspected = createPathMemory()
  const warned = new Set<string>()
  const warn = (warning: PolicyWarning, address: string) =>
    quietly(() => options.onWarning?.(warning, address))

  function learn(url: URL): void {
    if (learned.has(url)) return
    learned.add(url)
    counters.redirectLearned++
    warn('redirect_learned', url.origin + url.pathname)
  }

  function headersFor(address: string | URL): RequestHeaders | undefined {
    const url = parse(address)
    const isTarget = url && takesSession(url) && !learned.has(url)
    const carriesToken = url && takesToken(url)
    const carriesSession = isTarget && !suspected.has(url)
    if (isTarget || carriesToken) return readHeaders(options, { carriesSession, carriesToken })
    counters.skipped++
    return
  }

  function countAttached(url: URL): void {
    counters.attached++
    if (url.origin === pageOrigin) return
    counters.wouldPreflight++
    if (!warned.has(url.origin)) warn('would_preflight', url.origin)
    warned.add(url.origin)
  }

  const policy: HeaderPolicy = {
    counters,
    headersFor,
    attach(url, headers, carrier) {
      const hasAttached = setMissing(headers, carrier)
      if (hasAttached) countAttached(url)
      return hasAttached
    },
    takeIn(address, readHeader) {
      const url = parse(address)
      if (!url || !takesSession(url)) return
      const made = quietly(() => readHeader(FINGERPRINT_HEADER))
      // Printable and short, whatever a server sends: the value ends up in storage and in later requests.
      if (made && /^[!-~]{1,256}$/.test(made)) quietly(() => options.onServerFingerprint?.(made))
    },
    answered({ url, finalUrl, readHeader, isBareRetry }) {
      const end = finalUrl && parse(finalUrl)
      if (!end || !takesSession(url)) return
      const hasLeft = end.origin !== url.origin && !takesSession(end)
      // Bare worked where ours failed: on our own origin that was the network, elsewhere a refused preflight.
      if (hasLeft || (isBareRetry && url.origin !== pageOrigin)) learn(url)
      suspected.forget(url)
      policy.takeIn(end, readHeader)
    },
    failed(url, carriedOurs) {
      // A failure without ours as well was the network's.
      if (carriedOurs) suspected.add(url)
      else suspected.forget(url)
    },
    skip() {
      counters.skipped++
    },
  }
  return policy
}
