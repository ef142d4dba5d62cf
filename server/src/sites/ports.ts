import type { SiteIdentity } from '../platform/http/context.ts'

/** One web property that embeds the SDK. */
export type Site = SiteIdentity

export interface SecretKey {
  readonly id: string
  readonly site: Site
  readonly scopes: readonly string[]
}

/** What secret keys can be allowed to do. */
export const SECRET_KEY_SCOPES = [
  'sessions:read',
  'sessions:write',
  'events:write',
  'conversions:write',
  'visitors:read',
  'visitors:write',
  'journey:read',
] as const

/** What this room offers the others: read on every request, so answered from memory. */
export interface Sites {
  /** The site `default`, made at the first start. */
  getDefault(): Promise<Site>
  findById(id: string): Promise<Site | undefined>
  findByPublishableKey(key: string): Promise<Site | undefined>
  /** Undefined for an unknown or revoked key. */
  findBySecretKey(key: string): Promise<SecretKey | undefined>
  /** Exact match of scheme, host and port. */
  allowsOrigin(siteId: string, origin: string): Promise<boolean>
  /** Whether any site has this origin: all a preflight can ask, for it carries no key. */
  knowsOrigin(origin: string): Promise<boolean>
}

export interface KeyView {
  readonly id: string
  readonly kind: 'publishable' | 'secret'
  /** Publishable keys only. */
  readonly value: string | null
  readonly hint: string
  readonly scopes: readonly string[]
  readonly createdAtMs: number
  readonly revokedAtMs: number | null
}

export interface SiteView extends Site {
  readonly origins: readonly string[]
}

/** What the command line does to sites. Every call throws `SiteError`, for a person to read, when it cannot. */
export interface SiteAdmin {
  /** Oldest first. */
  list(): Promise<SiteView[]>
  get(name: string): Promise<SiteView>
  /** @returns the site and its first publishable key */
  create(
    name: string,
    options?: { unsetMode?: Site['unsetMode'] },
  ): Promise<{ site: Site; publishableKey: string }>
  addOrigin(siteName: string, origin: string): Promise<void>
  removeOrigin(siteName: string, origin: string): Promise<void>
  listKeys(siteName: string): Promise<KeyView[]>
  /** @returns the key itself: a secret one is shown this once */
  createKey(
    siteName: string,
    kind: KeyView['kind'],
    scopes?: readonly string[],
  ): Promise<{ id: string; key: string }>
  revokeKey(siteName: string, keyId: string): Promise<void>
  /** Makes the site `default` (unset consent: recognition) with a publishable key, unless it is there. */
  ensureDefault(): Promise<void>
}
