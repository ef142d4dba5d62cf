import type { IncomingMessage } from 'node:http'
import type { ConsentMode, DeviceKeyJwk } from '@helloagain/protocol'
import type { ClientAddress } from './client-address.ts'

/** The site a request belongs to. */
export interface SiteIdentity {
  readonly id: string
  readonly name: string
  /** Public: part of every fingerprint hash. */
  readonly fingerprintSalt: string
  /** What `unset` consent means here. */
  readonly unsetMode: Exclude<ConsentMode, 'off'>
}

/** Who speaks, as far as the Authorization header tells. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'secret_key'; readonly keyId: string; readonly scopes: readonly string[] }
  /** An account's access token. */
  | { readonly kind: 'user'; readonly userId: string; readonly loginSessionId: string }
  /** A token of `POST /api/auth/anonymous`. */
  | { readonly kind: 'anonymous'; readonly visitorId: string }

/** A device key the request proves to hold. */
export interface ProvenKey {
  /** RFC 7638 thumbprint. */
  readonly keyId: string
  readonly publicJwk: DeviceKeyJwk
  /** Names this one proof; whose key the site knows, it was not used before. */
  readonly proofId: string
  /** Whose key it is on this site; undefined for a key nobody has bound. */
  readonly visitorId: string | undefined
}

/** What is known of a request before its room sees it. */
export interface RequestContext {
  readonly requestId: string
  /** One instant for the whole request. */
  readonly nowMs: number
  readonly site: SiteIdentity
  readonly credential: Credential
  readonly address: ClientAddress
  /** `X-Session-ID`, checked to be a UUID, lower case. */
  readonly sessionId: string | undefined
  /** The secret in the session cookie, when this server issued it and the request may use cookies. */
  readonly cookieSecret: string | undefined
  /** The device key that the `DPoP` header proves. */
  readonly deviceKey?: ProvenKey
  /** Why that header proves nothing. */
  readonly proofFault?: 'session.proof_invalid' | 'session.use_dpop_nonce'
  /** `Sec-GPC: 1` or `DNT: 1`. */
  readonly hasOptOutSignal: boolean
  /** The request carries browser marks (`Origin` or `Sec-Fetch-*`). */
  readonly isFromBrowser: boolean
  /** Path without query, for logs. */
  readonly path: string
  readonly request: IncomingMessage
}
