import { SESSION_HEADER, SITE_KEY_HEADER } from '@helloagain/protocol'
import type { ClientParts } from './client-parts.ts'
import { createConsent, hasOptOutSignal } from './consent/consent.ts'
import { FINGERPRINT_DATABASE } from './fingerprint/database.ts'
import type { Guard } from './guard.ts'
import { createIdentity } from './identity/identity.ts'
import { createObservation } from './identity/observation.ts'
import { unwrapped } from './interceptors/layer.ts'
import { createPolicy, readHeaders } from './interceptors/policy.ts'
import type { Settings } from './options.ts'
import { createWebStorage } from './persistence/web-storage.ts'
import { quietly } from './platform/quietly.ts'
import { createNetwork } from './transport/network.ts'
import type { World } from './world.ts'

const DAY_MS = 86_400_000

/** Makes the parts over the page's storage, clock and `fetch`. Reads nothing but the consent decision. */
export function createClientParts(settings: Settings, world: World, guard: Guard): ClientParts {
  const { storageKey, endpoint, siteKey, tokenOrigins, exclude, sessionTargets, userDataKey } = settings
  const { scope } = world
  const store = createWebStorage(() => scope.localStorage)
  const tabStore = createWebStorage(() => scope.sessionStorage)
  const consentKey = `${storageKey}_consent`
  const isOptedOut = hasOptOutSignal(scope.navigator)
  const consent = createConsent({ given: settings.consent, isOptedOut, store, key: consentKey })
  const identity = createIdentity({
    ...{ ...world, store, key: storageKey, rolling: settings.autoRefresh },
    lifetimeMs: settings.expiryDays * DAY_MS,
  })
  const observation = createObservation({
    ...{ store, key: `${storageKey}_fingerprint` },
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
    ...{ consent, consentKey, identity, store, tabStore, observation, hasCookies, who },
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
    ...createNetwork({
      ...{ fetch, endpoint, hasCookies, onServerFingerprint, loadCaller: world.parts.session },
      callHeaders: (sessionId = identity.sessionId()) => ({
        'Content-Type': 'application/json',
        // Token and fingerprint are of the person of now.
        ...(sessionId === identity.sessionId() &&
          readHeaders(who, { session: true, token: isTokenEndpoint })),
        // Also where a refusal is told, the last call of all.
        [SESSION_HEADER]: sessionId,
        ...(siteKey && { [SITE_KEY_HEADER]: siteKey }),
      }),
    }),
    erase(renew) {
      identity.forget(renew)
      tabStore.remove(userDataKey)
      observation.forget()
    },
  }
}
