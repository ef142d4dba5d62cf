import type { Consent } from './consent/consent.ts'
import type { Identity } from './identity/identity.ts'
import type { Observation } from './identity/observation.ts'
import type { HeaderPolicy } from './interceptors/policy-port.ts'
import type { Persistence } from './persistence/persistence.ts'
import type { Network } from './transport/network.ts'

/** How long an opened session is taken as it is: the pause that ends a visit. */
export const SESSION_MAX_AGE_MS = 30 * 60_000

/** What the client is made of. */
export interface ClientParts extends Network {
  consent: Consent
  consentKey: string
  identity: Identity
  /** What outlives the tab; to be written where consent allows it. */
  store: Persistence
  /** What is kept until the tab closes. */
  tabStore: Persistence
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
  /** Whether cookies may travel: a cookie is identity too. */
  hasCookies(): boolean
  /** Forgets all that is stored but the consent decision. */
  erase(renew: boolean): void
}
