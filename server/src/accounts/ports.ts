/** A person of a site. */
export interface User {
  readonly id: string
  readonly siteId: string
  readonly externalId: string | null
  readonly email: string | null
  readonly emailVerifiedAtMs: number | null
  readonly username: string | null
  readonly attributes: Readonly<Record<string, string>>
  readonly createdAtMs: number
}

/** What a valid token says. */
export type TokenSubject =
  | { readonly kind: 'user'; readonly userId: string; readonly loginSessionId: string }
  | { readonly kind: 'anonymous'; readonly visitorId: string }

export interface IssuedToken {
  readonly token: string
  readonly expiresInSeconds: number
}

/** Access tokens, ES256 (RFC 7518 §3.4). */
export interface Tokens {
  issueForUser(
    site: { id: string },
    subject: { userId: string; loginSessionId: string },
  ): Promise<IssuedToken>
  issueForVisitor(site: { id: string }, visitorId: string): Promise<IssuedToken>
  /**
   * Reads a token of this site; a user's token only while its login session lives.
   *
   * @throws Problem `auth.token_invalid`, `auth.token_expired`
   */
  verify(site: { id: string }, token: string): Promise<TokenSubject>
  /** RFC 7517. */
  jwks(): Promise<{ keys: Record<string, unknown>[] }>
}

/** What this room offers the others. */
export interface Accounts {
  findUser(siteId: string, userId: string): Promise<User | undefined>
  /** The user of an id from the site's own auth, made when unknown. */
  ensureExternalUser(siteId: string, externalId: string, atMs: number): Promise<User>
}
