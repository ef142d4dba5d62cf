import { FINGERPRINT_HEADER, SESSION_HEADER, SITE_KEY_HEADER } from '@helloagain/protocol'
import { type Consent, createConsent, hasOptOutSignal } from './consent/consent.ts'
import { createFingerprintCache } from './fingerprint/cache.ts'
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

/** The token of the signed-in person: the one the page set, else the one it hands out. */
export interface TokenHolder {
  set(token: string | null): void
  find(): string | undefined
}

/** What the client is made of. */
export interface ClientParts {
  consent: Consent
  consentKey: string
  identity: Identity
  browsing: BrowsingSession
  observation: Observation
  token: TokenHolder
  policy: HeaderPolicy
  fetch: typeof fetch
  transport: Transport
  credentials(): 'include' | 'omit'
  /** Forgets all that is stored but the consent decision. */
  erase(renew: boolean): void
}

function createTokenHolder(getToken: Settings['getToken']): TokenHolder {
  let own: string | undefined
  return {
    set(token) {
      own = token ?? undefined
    },
    find: () => own ?? getToken?.() ?? undefined,
  }
}

/** Makes the parts over the page's storage, clock and `fetch`. Reads nothing but the consent signals. */
export function createClientParts(
  settings: Settings,
  { scope, parts, nowMs, newId }: World,
  guard: Guard,
): ClientParts {
  const { storageKey, endpoint, siteKey, tokenOrigins } = settings
  const store = createWebStorage(() => scope.localStorage)
  const consentKey = `${storageKey}_consent`
  const consent = createConsent({
    given: settings.consent,
    optOutSignal: hasOptOutSignal(scope.navigator),
    store,
    key: consentKey,
  })
  const lifetimeMs = settings.expiryDays * DAY_MS
  const identity = createIdentity({
    store,
    key: storageKey,
    lifetimeMs,
    rolling: settings.autoRefresh,
    nowMs,
    newId,
  })
  const tabStore = createWebStorage(() => scope.sessionStorage)
  const browsing = createBrowsingSession(tabStore, settings.userDataKey, SESSION_MAX_AGE_MS)
  const cache = createFingerprintCache({ storageKey, mirror: store })
  const observation = createObservation({ cache, parts, timeBoundMs: settings.timeBoundMs, nowMs })
  const token = createTokenHolder(settings.getToken)
  const findToken = guard.wrap(token.find, undefined)
  const findFingerprint = (): string | undefined =>
    consent.mode() === 'recognition' ? observation.fingerprint() : undefined

  const policy = createHeaderPolicy({
    baseUrl: () => scope.document.baseURI,
    sessionTargets: settings.sessionTargets,
    tokenOrigins,
    sessionId: () => (consent.mode() === 'off' ? undefined : identity.sessionId()),
    fingerprint: findFingerprint,
    accessToken: findToken,
    onServerFingerprint: observation.takeServerMade,
  })
  const isTokenEndpoint = tokenOrigins.includes(new URL(endpoint).origin)
  const fetch = settings.fetch ?? unwrapped(scope.fetch)
  // A cookie is identity too: none travels once the mode is known to be cookieless.
  const credentials = () => (consent.isSettled() && consent.mode() === 'cookieless' ? 'omit' : 'include')
  const transport = createFetchTransport({
    fetch,
    endpoint,
    credentials,
    nowMs,
    onServerFingerprint: observation.takeServerMade,
    headers() {
      const bearer = findToken()
      const fingerprint = bearer ? undefined : findFingerprint()
      return {
        ...(siteKey ? { [SITE_KEY_HEADER]: siteKey } : {}),
        [SESSION_HEADER]: identity.sessionId(),
        ...(fingerprint ? { [FINGERPRINT_HEADER]: fingerprint } : {}),
        ...(bearer && isTokenEndpoint ? { Authorization: `Bearer ${bearer}` } : {}),
      }
    },
  })
  const erase = (renew: boolean): void => {
    identity.forget(renew)
    browsing.forget()
    observation.forget()
  }
  return {
    ...{ consent, consentKey, identity, browsing, observation, token, policy, fetch, transport },
    credentials,
    erase,
  }
}
