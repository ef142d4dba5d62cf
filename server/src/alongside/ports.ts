/** A user of the application this server runs alongside: any row that has an id. */
export interface HostUser {
  readonly id: number | string
}

/** Sync answers are welcome too: many drivers of SQLite are synchronous. */
export type Awaitable<T> = Promise<T> | T

/** The JSON field of a user, and what tells one state of it from another (the stored text, a row version …). */
export interface Preferences {
  readonly value: Readonly<Record<string, unknown>>
  readonly version: string
}

/**
 * How Hello Again reaches the users of an existing application. Nothing of theirs changes its shape: it reads and
 * fills the fingerprint field they have, and keeps the journey under `ums_journey` in their preferences.
 */
export interface UsersAdapter<User extends HostUser = HostUser> {
  findById(id: string): Awaitable<User | null | undefined>
  /** Somebody with this fingerprint (32 lower-case hex digits). Without it nobody is recognised by fingerprint. */
  findByFingerprint?(fingerprint: string): Awaitable<User | null | undefined>
  /** Somebody with this device id, where the application keeps them. */
  findByDeviceId?(deviceId: string): Awaitable<User | null | undefined>
  /** Undefined for an unknown user. */
  readPreferences(id: string): Awaitable<Preferences | undefined>
  /** Replaces all preferences if their version still is the expected one; false, and nothing written, if not. */
  writePreferences(
    id: string,
    next: Readonly<Record<string, unknown>>,
    expectedVersion: string,
  ): Awaitable<boolean>
  saveFingerprint?(id: string, fingerprint: string): Awaitable<void>
}
