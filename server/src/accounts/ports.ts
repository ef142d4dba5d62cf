import type { LoginRequest, ProfileValue, SignupRequest, UserData } from '@helloagain/protocol'
import type { Journeys } from '../journey/ports.ts'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import type { RequestContext } from '../platform/http/context.ts'
import type { Log } from '../platform/log.ts'
import type { Session, Sessions } from '../sessions/ports.ts'

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

/** A user as the store keeps it. Never leaves the room: it holds the password's hash. */
export interface StoredUser extends User {
  readonly emailKey: string | null
  readonly usernameKey: string | null
  /** PHC string of Argon2id; null for a profile without a password. */
  readonly passwordHash: string | null
  readonly ctaVariant: string | null
  readonly updatedAtMs: number
}

/** One authenticated device of a user, and the family of its refresh tokens. */
export interface LoginSession {
  readonly id: string
  readonly siteId: string
  readonly userId: string
  /** The anonymous session it was opened in. */
  readonly sessionId: string | null
  readonly browser: string | null
  readonly os: string | null
  readonly ipPrefix: string | null
  readonly createdAtMs: number
  readonly lastUsedAtMs: number
  readonly idleExpiresAtMs: number
  readonly expiresAtMs: number
  readonly revokedAtMs: number | null
  readonly revokedReason: string | null
}

export interface RefreshToken {
  /** SHA-256 of the token; the token itself is stored nowhere. */
  readonly hash: string
  readonly loginSessionId: string
  readonly createdAtMs: number
  readonly usedAtMs: number | null
  readonly successorHash: string | null
}

export type RevokeReason = 'logout' | 'refresh_reused' | 'replaced'

export interface StoredSigningKey {
  readonly kid: string
  readonly publicJwk: Record<string, unknown>
  readonly privateSealed: string
  readonly state: 'current' | 'next' | 'previous'
  readonly createdAtMs: number
}

/** Whose password is asked for: a name, and the users this browser can vouch for. */
export interface LoginName {
  readonly kind: 'email' | 'username'
  /** In the form that names are compared by. */
  readonly key: string
  /** Unverified users are found only when they are among these. */
  readonly vouchedIds: readonly string[]
}

interface Rotation {
  readonly hash: string
  readonly successorHash: string
  readonly loginSessionId: string
  readonly atMs: number
  readonly idleExpiresAtMs: number
}

export interface UserStore {
  /** False when the user name is taken on this site. Addresses may be shared until they are verified. */
  createUser(user: StoredUser): Promise<boolean>
  findUser(siteId: string, userId: string): Promise<StoredUser | undefined>
  /** The user whose address is verified; else the first of the vouched ones that has the name. */
  findByLoginName(siteId: string, name: LoginName): Promise<StoredUser | undefined>
  /** The user of an external id; `user` is written when there is none, once, also under racers. */
  ensureExternalUser(user: StoredUser & { readonly externalId: string }): Promise<StoredUser>
  /** Replaces a hash, unless it was changed since it was read. */
  replacePasswordHash(userId: string, change: { from: string; to: string; atMs: number }): Promise<void>
}

export interface LoginSessionStore {
  /** Writes a login session with its first refresh token, both or neither. */
  openLoginSession(session: LoginSession, refreshHash: string): Promise<void>
  findLoginSession(id: string): Promise<LoginSession | undefined>
  findRefreshToken(
    hash: string,
  ): Promise<{ readonly token: RefreshToken; readonly session: LoginSession } | undefined>
  /**
   * Marks a token used and writes its successor, while its login session lives: `rotated` for exactly one
   * of any number of racers, `lost` for the others, `dead` when the login session is revoked or expired.
   */
  rotate(rotation: Rotation): Promise<'dead' | 'lost' | 'rotated'>
  /** False when it is unknown or revoked already; the first reason stays. */
  revokeLoginSession(id: string, change: { reason: RevokeReason; atMs: number }): Promise<boolean>
}

export interface SigningKeyStore {
  /** Oldest first. */
  listSigningKeys(): Promise<StoredSigningKey[]>
  /** False when another process wrote this kid first. */
  addSigningKey(key: StoredSigningKey): Promise<boolean>
  /** Makes `next` the current key and `added` the next one, all or nothing; false when somebody else did. */
  rotateSigningKeys(added: StoredSigningKey, dropped: readonly string[]): Promise<boolean>
}

export interface AccountStore extends UserStore, LoginSessionStore, SigningKeyStore {}

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
  /** Drops what is remembered of a login session's tokens; called when it is revoked. */
  forget(loginSessionId: string): void
  /** RFC 7517. */
  jwks(): Promise<{ keys: Record<string, unknown>[] }>
  /** Makes the next key the current one; the old one verifies until its last token has expired. */
  rotateKeys(): Promise<void>
}

export interface Person {
  readonly email: string
  readonly firstName?: string | undefined
  readonly username?: string | undefined
  readonly siteName: string
}

/** Passwords by Argon2id. At most a few are hashed at once; then a bounded queue, then 503. */
export interface Passwords {
  /**
   * @throws Problem `accounts.password_too_short`, `…_too_long`, `…_common`, `…_personal`
   */
  check(password: string, person: Person): void
  /** @throws Problem `auth.busy` */
  hash(password: string): Promise<string>
  /**
   * Whether the password fits. Without a hash a decoy is verified at equal cost and the answer is false.
   *
   * @throws Problem `auth.busy`, `accounts.password_too_long`
   */
  verify(hash: string | null | undefined, password: string): Promise<boolean>
  isWeaker(hash: string): boolean
}

/** Told to other rooms at the moments that matter to them; handed in by the composition root. */
interface AccountEvents {
  /** A log-in succeeded in this session (already linked to its user): the activity `LOGIN`. */
  loggedIn(session: Session, atMs: number): Promise<void>
  /** A login session was opened or prolonged: until its idle expiry the person is at its browser. */
  loginLasts(login: LoginSession, context: RequestContext): Promise<void>
  /** A login session was revoked. */
  loginEnded(login: LoginSession, atMs: number): Promise<void>
}

/** A request to sign in, with what its cookies say. */
export interface Caller {
  readonly context: RequestContext
  /** Of the refresh cookie; of the body for callers without browser marks. */
  readonly refreshToken: string | undefined
  /** Users who signed in in this browser before, by its signed cookie. */
  readonly knownUserIds: readonly string[]
  setCookie(header: string): void
}

/** What a sign-in hands out. */
export interface SignedIn {
  readonly user: User
  readonly session: Session
  readonly accessToken: IssuedToken
  readonly refreshToken: string
  readonly refreshMaxAgeSeconds: number
}

interface SignedUp extends SignedIn {
  readonly userData: UserData
}

export interface Refreshed {
  readonly userId: string
  readonly sessionId: string | null
  readonly accessToken: IssuedToken
  readonly refreshToken: string
  readonly refreshMaxAgeSeconds: number
}

/** Signing up, in and out; what the routes call. */
export interface SignIn {
  /**
   * Makes an unverified user, linked to the proven session of this browser or to a fresh one, and signs it in.
   * It never looks whether the address is known, so its answer cannot tell.
   *
   * @throws Problem `accounts.username_taken`, `accounts.password_…`, `auth.busy`
   */
  signUp(caller: Caller, request: SignupRequest): Promise<SignedUp>
  /** @throws Problem `auth.invalid_credentials`, `request.rate_limited`, `auth.busy` */
  logIn(caller: Caller, request: LoginRequest): Promise<SignedIn>
  /** @throws Problem `auth.refresh_invalid` */
  refresh(caller: Caller): Promise<Refreshed>
  /** Ends the login session at once. Doing it twice is doing it once. */
  logOut(caller: Caller): Promise<void>
}

/** What this room offers the others. */
export interface Accounts {
  findUser(siteId: string, userId: string): Promise<User | undefined>
  /** The user of an id from the site's own auth, made when unknown. */
  ensureExternalUser(siteId: string, externalId: string, atMs: number): Promise<User>
  /** What the user told at sign-up, by profile field; empty for an unknown user. */
  userAttributes(siteId: string, userId: string): Promise<Readonly<Record<string, ProfileValue>>>
}

/** What the room is built from. */
export interface AccountParts {
  readonly store: AccountStore
  readonly sessions: Sessions
  readonly journeys: Journeys
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly events: AccountEvents
  readonly keys: ServerKeys
  readonly log: Log
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number
}
