import type { KeyView, Site } from './ports.ts'

export interface StoredSite extends Site {
  readonly createdAtMs: number
}

export interface StoredKey extends KeyView {
  readonly siteId: string
  readonly hash: string
}

/** All that requests are answered from. */
export interface SiteRows {
  /** Oldest first. */
  readonly sites: readonly StoredSite[]
  readonly origins: readonly { readonly siteId: string; readonly origin: string }[]
  /** Without revoked ones, oldest first. */
  readonly keys: readonly StoredKey[]
}

export interface SiteStore {
  readAll(): Promise<SiteRows>
  findByName(name: string): Promise<StoredSite | undefined>
  /** Writes a site with its first key, both or neither. False when the name is taken, also by another process at this moment. */
  create(site: StoredSite, key: StoredKey): Promise<boolean>
  /** Adding twice is adding once. */
  addOrigin(siteId: string, origin: string): Promise<void>
  /** False when the site did not have it. */
  removeOrigin(siteId: string, origin: string): Promise<boolean>
  /** Revoked ones too, oldest first. */
  listKeys(siteId: string): Promise<StoredKey[]>
  addKey(key: StoredKey): Promise<void>
  /** False when the site has no such key or it is revoked already; the first moment stays. */
  revokeKey(siteId: string, keyId: string, atMs: number): Promise<boolean>
}
