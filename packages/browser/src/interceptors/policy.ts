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
  /** Told of paths that go without our headers from now on. */
  onLearned?: (url: URL) => void
}

interface Carries {
  session: boolean
  token: boolean
}

/** Our headers of this moment. */
export function readHeaders(
  options: Pick<HeaderPolicyOptions, 'accessToken' | 'fingerprint' | 'sessionId'>,
  carries: Carries,
): Record<string, string> {
  const token = quietly(options.accessToken)
  const session = carries.session && quietly(options.sessionId)
  const fingerprint = carries.session && !token && quietly(options.fingerprint)
  return {
    ...(session && { [SESSION_HEADER]: session }),
    ...(fingerprint && { [FINGERPRINT_HEADER]: fingerprint }),
    ...(carries.token && token && { Authorization: `Bearer ${token}` }),
  }
}

const pathOf = (url: URL): string => url.origin + url.pathname

/** Decides what goes where; counts nothing and warns of nothing, because in the core nobody asks. */
export function createPolicy(options: PolicyParts): HeaderPolicy {
  const { pageOrigin } = options
  const parse = (address: string | URL) => quietly(() => resolveUrl(address, options.baseUrl()))
  const isSessionTarget = compileRules(options.sessionTargets, pageOrigin)
  const isTokenOrigin = compileRules(options.tokenOrigins, pageOrigin)
  const isExcluded = compileRules(options.exclude, pageOrigin)
  const isAllowed = (url: URL) =>
    // Whatever a rule says, an https page hands nothing to plain http.
    !(pageOrigin.startsWith('https:') && url.protocol === 'http:') && !isExcluded(url)
  const takesSession = (url: URL) => isAllowed(url) && isSessionTarget(url)
  /** Paths that go without our headers: true where that was learned, false where it is suspected. */
  const bare = new Map<string, boolean>()

  function note(url: URL, isLearned: boolean): void {
    if (bare.get(pathOf(url))) return
    bare.set(pathOf(url), isLearned)
    if (isLearned) options.onLearned?.(url)
    if (bare.size > MAX_BARE_PATHS) bare.delete([...bare.keys()][0] ?? '')
  }
  function settle(url: URL): void {
    if (!bare.get(pathOf(url))) bare.delete(pathOf(url))
  }

  const policy: HeaderPolicy = {
    headersFor(address) {
      const url = parse(address)
      if (!url || !isAllowed(url)) return
      const isBare = bare.get(pathOf(url))
      const isTarget = !isBare && isSessionTarget(url)
      const token = isTokenOrigin(url)
      if (!isTarget && !token) return
      // A suspected path goes bare too, and its answer is watched.
      return readHeaders(options, { session: isTarget && isBare !== false, token })
    },
    attach(_url, headers, carrier) {
      // The app's own bearer token is a token too: then the fingerprint stays home.
      const isSignedIn = /^bearer /i.test(carrier.get('Authorization') ?? '')
      let hasAttached = false
      for (const name in headers) {
        if (carrier.get(name) !== null || (isSignedIn && name === FINGERPRINT_HEADER)) continue
        carrier.set(name, headers[name] ?? '')
        hasAttached = true
      }
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
    skip() {},
    mend: options.mend,
  }
  return policy
}
