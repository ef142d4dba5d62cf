import { FINGERPRINT_HEADER, SESSION_HEADER } from '@helloagain/protocol'
import { quietly } from '../platform/quietly.ts'
import { compileRules, type OriginRule } from './origin-rule.ts'
import type { HeaderPolicy, HeaderPolicyOptions } from './policy-port.ts'
import { resolveUrl } from './resolve-url.ts'

/** Paths remembered as going without our headers. A page that meets more forgets the oldest. */
const MAX_BARE_PATHS = 200

/** What a policy is made of. */
export interface PolicyParts
  extends Pick<HeaderPolicyOptions, 'accessToken' | 'fingerprint' | 'onServerFingerprint' | 'sessionId'> {
  baseUrl(): string
  /** `null` in a sandbox, which names nothing. */
  pageOrigin: string
  sessionTargets: readonly OriginRule[]
  tokenOrigins: readonly OriginRule[]
  exclude: readonly OriginRule[]
  mend: HeaderPolicy['mend']
  onAttached?: (url: URL) => void
  onSkipped?: () => void
  onLearned?: (url: URL) => void
  /** Told of rules that name no origin. */
  onIgnored?: (rule: string) => void
}

interface Carries {
  session: boolean | undefined
  token: boolean | undefined
}

/** Our headers of this moment. */
export function readHeaders(
  options: Pick<HeaderPolicyOptions, 'accessToken' | 'fingerprint' | 'sessionId'>,
  carries: Carries,
): Record<string, string> {
  const token = quietly(options.accessToken)
  const values = {
    [SESSION_HEADER]: carries.session && quietly(options.sessionId),
    [FINGERPRINT_HEADER]: carries.session && !token && quietly(options.fingerprint),
    Authorization: carries.token && token && `Bearer ${token}`,
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) if (value) headers[name] = value
  return headers
}

const pathOf = (url: URL): string => url.origin + url.pathname

/** Decides what goes where; says so by events, and counts nothing itself. */
export function createPolicy(options: PolicyParts): HeaderPolicy {
  const { onIgnored, onAttached, onSkipped, onLearned } = options
  const { pageOrigin, baseUrl } = options
  const parse = (address: string | URL) => resolveUrl(address, baseUrl)
  const compile = (rules: readonly OriginRule[]) => compileRules(rules, { pageOrigin, onIgnored })
  const isSessionTarget = compile(options.sessionTargets)
  const isTokenOrigin = compile(options.tokenOrigins)
  const isExcluded = compile(options.exclude)
  const isAllowed = (url: URL) =>
    // Whatever a rule says, an https page hands nothing to plain http.
    !(pageOrigin.startsWith('https:') && url.protocol === 'http:') && !isExcluded(url)
  const takesSession = (url: URL) => isAllowed(url) && isSessionTarget(url)
  /** Paths that go without our headers: true where that was learned, false where it is suspected. */
  const bare = new Map<string, boolean>()

  function note(url: URL, isLearned: boolean): void {
    if (bare.get(pathOf(url))) return
    bare.set(pathOf(url), isLearned)
    if (isLearned) onLearned?.(url)
    if (bare.size > MAX_BARE_PATHS) bare.delete([...bare.keys()][0] ?? '')
  }
  function settle(url: URL): void {
    if (!bare.get(pathOf(url))) bare.delete(pathOf(url))
  }

  const policy: HeaderPolicy = {
    headersFor(address) {
      const url = parse(address)
      const isBare = url && bare.get(pathOf(url))
      const isTarget = url && !isBare && takesSession(url)
      const token = url && isAllowed(url) && isTokenOrigin(url)
      // A suspected path goes bare too, and its answer is watched.
      if (isTarget || token) return readHeaders(options, { session: isTarget && isBare !== false, token })
      onSkipped?.()
      return
    },
    attach(url, headers, carrier) {
      // The app's own bearer token is a token too: then the fingerprint stays home.
      const isSignedIn = /^bearer /i.test(carrier.get('Authorization') ?? '')
      let hasAttached = false
      for (const name in headers) {
        if (carrier.get(name) !== null || (isSignedIn && name === FINGERPRINT_HEADER)) continue
        carrier.set(name, headers[name] ?? '')
        hasAttached = true
      }
      if (hasAttached) onAttached?.(url)
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
      // What was suspected is settled now.
      settle(url)
      // Bare worked where ours failed: on our own origin that was the network, elsewhere a refused preflight.
      if (hasLeft || (isBareRetry && url.origin !== pageOrigin)) note(url, true)
      policy.takeIn(end, readHeader)
    },
    failed(url, carriedOurs) {
      // A failure without ours as well was the network's.
      if (carriedOurs) note(url, false)
      else settle(url)
    },
    skip: () => onSkipped?.(),
    mend: options.mend,
  }
  return policy
}
