import { FINGERPRINT_HEADER, SESSION_HEADER, SITE_KEY_HEADER } from '@helloagain/protocol'
import { type Consent, createConsent, hasOptOutSignal } from './consent/consent.ts'
import type { Guard } from './guard.ts'
import { type BrowsingSession, createBrowsingSession } from './identity/browsing-session.ts'
import { createIdentity, type Identity } from './identity/identity.ts'
import { createObservation, type Observation } from './identity/observation.ts'
import { createHeaderPolicy, type HeaderPolicy } from './interceptors/header-policy.ts'
import { unwrapped } from './interceptors/layer.ts'
import type { Settings } from './options.ts'
import { createWebStorage } from './persistence/web-storage.ts'
import { createFetchTransport } from './transport/fetch-transport.ts'
import type { Transport } from './transport/transport.ts'
import type { World } from './world.ts'

/** How long an opened session is taken as it is: the pause that ends a visit. */
export const SESSION_MAX_AGE_MS = 30 * 60_000
const DAY_MS = 86_400_000

/** What the client is made of. */
export interface ClientParts {
  consent: Consent
  consentKey: string
  identity: Identity
  browsing: BrowsingSession
  observation: Observation
  /** Keeps the token of the signed-in person, in memory. */
  setToken(token: string | null): void
  findToken(): string | undefined
  /** The fingerprint, where consent allows it. */
  findFingerprint(): string | undefined
  /** Session id, and fingerprint while there is no token. */
  identityHeaders(): Record<string, string>
  policy: HeaderPolicy
  fetch: typeof fetch
  transport: Transport
  /** Whether cookies may travel: a cookie is identity too. */
  hasCookies(): boolean
  /** Forgets all that is stored but the consent decision. */
  erase(renew: boolean): void
}

/** Makes the parts over the page's storage, clock and `fetch`. Reads nothing but the consent decision. */
export function createClientParts(settings: Settings, world: World, guard: Guard): ClientParts {
  const { storageKey, endpoint, siteKey, tokenOrigins } = settings
  const { scope, nowMs } = world
  const store = createWebStorage(() => scope.localStorage)
  const consentKey = `${storageKey}_consent`
  const optOutSignal = hasOptOutSignal(scope.navigator)
  const consent = createConsent({ given: settings.consent, optOutSignal, store, key: consentKey })
  const identity = createIdentity({
    ...world,
    store,
    key: storageKey,
    lifetimeMs: settings.expiryDays * DAY_MS,
    rolling: settings.autoRefresh,
  })
  const tabStore = createWebStorage(() => scope.sessionStorage)
  const browsing = createBrowsingSession(tabStore, settings.userDataKey, SESSION_MAX_AGE_MS)
  const timeBoundMs = settings.timeBoundMs
  const observation = createObservation({ ...world, store, key: `${storageKey}_fingerprint`, timeBoundMs })

  let ownToken: string | null = null
  const findToken = guard.wrap(() => ownToken ?? settings.getToken?.() ?? undefined)
  const findFingerprint = () => (consent.mode() === 'recognition' ? observation.fingerprint() : undefined)
  const identityHeaders = (): Record<string, string> => {
    const fingerprint = findToken() ? undefined : findFingerprint()
    return {
      [SESSION_HEADER]: identity.sessionId(),
      ...(fingerprint && { [FINGERPRINT_HEADER]: fingerprint }),
    }
  }
  const hasCookies = () => !consent.isSettled() || consent.mode() !== 'cookieless'
  const onServerFingerprint = observation.takeServerMade
  const isTokenEndpoint = tokenOrigins.includes(new URL(endpoint).origin)
  const fetch = settings.fetch ?? unwrapped(scope.fetch)

  return {
    ...{ consent, consentKey, identity, browsing, observation },
    ...{ findToken, findFingerprint, identityHeaders, fetch, hasCookies },
    setToken(token) {
      ownToken = token
    },
    policy: createHeaderPolicy({
      baseUrl: () => scope.document.baseURI,
      sessionTargets: settings.sessionTargets,
      tokenOrigins,
      sessionId: () => (consent.mode() === 'off' ? undefined : identity.sessionId()),
      fingerprint: findFingerprint,
      accessToken: findToken,
      onServerFingerprint,
    }),
    transport: createFetchTransport({
      ...{ fetch, endpoint, nowMs, hasCookies, onServerFingerprint },
      headers: () => ({
        ...identityHeaders(),
        ...(siteKey && { [SITE_KEY_HEADER]: siteKey }),
        ...(isTokenEndpoint && findToken() && { Authorization: `Bearer ${findToken()}` }),
      }),
    }),
    erase(renew) {
      identity.forget(renew)
      browsing.forget()
      observation.forget()
    },
  }
}
