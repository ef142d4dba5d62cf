import { SESSION_HEADER, SITE_KEY_HEADER } from '@helloagain/protocol'
import { type Consent, createConsent, hasOptOutSignal } from './consent/consent.ts'
import { FINGERPRINT_DATABASE } from './fingerprint/database.ts'
import type { Guard } from './guard.ts'
import { type BrowsingSession, createBrowsingSession } from './identity/browsing-session.ts'
import { createIdentity, type Identity } from './identity/identity.ts'
import { createObservation, type Observation } from './identity/observation.ts'
import type { HeaderPolicy } from './interceptors/header-policy.ts'
import { unwrapped } from './interceptors/layer.ts'
import { createPolicy, readHeaders } from './interceptors/policy.ts'
import type { Settings } from './options.ts'
import { createWebStorage } from './persistence/web-storage.ts'
import { quietly } from './platform/quietly.ts'
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
  /** Who the page's requests speak for, as far as consent allows it to be said. */
  who: {
    sessionId(): string | undefined
    fingerprint(): string | undefined
    accessToken(): string | undefined
  }
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
  const { storageKey, endpoint, siteKey, tokenOrigins, exclude, sessionTargets, userDataKey } = settings
  const { scope, nowMs } = world
  const store = createWebStorage(() => scope.localStorage)
  const tabStore = createWebStorage(() => scope.sessionStorage)
  const consentKey = `${storageKey}_consent`
  const optOutSignal = hasOptOutSignal(scope.navigator)
  const consent = createConsent({ given: settings.consent, optOutSignal, store, key: consentKey })
  const identity = createIdentity({
    ...{ ...world, store, key: storageKey, rolling: settings.autoRefresh },
    lifetimeMs: settings.expiryDays * DAY_MS,
  })
  const browsing = createBrowsingSession(tabStore, userDataKey, SESSION_MAX_AGE_MS)
  const observation = createObservation({
    ...{ store, key: `${storageKey}_fingerprint`, nowMs },
    // Quietly, because the mere mention of `indexedDB` throws in sandboxed frames.
    deleteCopy: () => void quietly(() => scope.indexedDB.deleteDatabase(FINGERPRINT_DATABASE)),
  })

  let ownToken: string | null = null
  const who = {
    sessionId: () => (consent.mode() === 'off' ? undefined : identity.sessionId()),
    fingerprint: () => (consent.mode() === 'recognition' ? observation.fingerprint() : undefined),
    accessToken: guard.wrap(() => ownToken ?? settings.getToken?.() ?? undefined),
  }
  const hasCookies = () => !consent.isSettled() || consent.mode() !== 'cookieless'
  const onServerFingerprint = observation.takeServerMade
  const isTokenEndpoint = tokenOrigins.includes(new URL(endpoint).origin)
  const fetch = settings.fetch ?? unwrapped(scope.fetch)

  return {
    ...{ consent, consentKey, identity, browsing, observation, fetch, hasCookies, who },
    setToken(token) {
      ownToken = token
    },
    policy: createPolicy({
      ...{ ...who, sessionTargets, tokenOrigins, exclude, onServerFingerprint },
      baseUrl: () => scope.document.baseURI,
      pageOrigin: scope.origin,
      mend: (failed) =>
        world.parts.session().then(
          ({ mendFetch }) => mendFetch(failed),
          () => {
            throw failed.error
          },
        ),
    }),
    transport: createFetchTransport({
      ...{ fetch, endpoint, hasCookies, onServerFingerprint },
      headers: () => ({
        ...readHeaders(who, { session: true, token: isTokenEndpoint }),
        // Also where a refusal is told, the last call of all.
        [SESSION_HEADER]: identity.sessionId(),
        ...(siteKey && { [SITE_KEY_HEADER]: siteKey }),
      }),
    }),
    erase(renew) {
      identity.forget(renew)
      browsing.forget()
      observation.forget()
    },
  }
}
