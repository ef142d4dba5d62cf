import type { ProfileValue, SignupRequest } from '@helloagain/protocol'
import { Problem } from '../platform/http/problem.ts'
import { newId } from '../platform/ids.ts'
import type { LoginSessions } from './login-sessions.ts'
import { nameKey, SIGNUP_REPEAT_MS } from './policy.ts'
import type { AccountParts, Caller, SignIn, StoredUser } from './ports.ts'
import { findSessionOwner, linkSession } from './sign-in-session.ts'
import { viewUser } from './view-user.ts'

/** What the person told about themselves: no user name, no password, no variant. */
function personalFields(request: SignupRequest): Record<string, string> {
  const { firstName, age, gender, profession, country, city, household } = request
  const told = Object.entries({ firstName, age, gender, profession, country, city, household })
  return Object.fromEntries(told.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function newUser({ context }: Caller, request: SignupRequest, passwordHash: string | null): StoredUser {
  const { email, username = null, ctaVariant = null } = request
  return {
    id: newId(),
    siteId: context.site.id,
    externalId: null,
    email,
    emailKey: nameKey(email),
    emailVerifiedAtMs: null,
    username,
    usernameKey: username === null ? null : nameKey(username),
    passwordHash,
    attributes: personalFields(request),
    ctaVariant,
    createdAtMs: context.nowMs,
    updatedAtMs: context.nowMs,
  }
}

function isSameForm(user: StoredUser, { email, username, password }: SignupRequest): boolean {
  const isSamePerson = user.emailKey === nameKey(email) && user.username === (username ?? null)
  const hasPassword = user.passwordHash !== null
  return user.emailVerifiedAtMs === null && isSamePerson && hasPassword === (password !== undefined)
}

export function createSignUp(parts: AccountParts & { readonly logins: LoginSessions }): SignIn['signUp'] {
  const { store, sessions, journeys, passwords, logins } = parts

  /** A form that is sent twice, or again after a lost answer, makes one user. Nothing of that user is changed. */
  async function findRepeated(caller: Caller, request: SignupRequest): Promise<StoredUser | undefined> {
    const { site, nowMs } = caller.context
    const ownerId = await findSessionOwner(sessions, caller)
    const owner = ownerId === undefined ? undefined : await store.findUser(site.id, ownerId)
    if (!owner || nowMs - owner.createdAtMs > SIGNUP_REPEAT_MS || !isSameForm(owner, request))
      return undefined
    const { passwordHash } = owner
    if (passwordHash === null || request.password === undefined) return owner
    return (await passwords.verify(passwordHash, request.password)) ? owner : undefined
  }

  async function make(caller: Caller, request: SignupRequest): Promise<StoredUser> {
    const { password } = request
    const user = newUser(caller, request, password === undefined ? null : await passwords.hash(password))
    if (!(await store.createUser(user))) throw new Problem('accounts.username_taken')
    return user
  }

  return async (caller, request) => {
    const { site, nowMs: atMs } = caller.context
    const { email, firstName, username, password } = request
    if (password !== undefined) passwords.check(password, { email, firstName, username, siteName: site.name })
    const repeated = await findRepeated(caller, request)
    const user = repeated ?? (await make(caller, request))
    const session = await linkSession(sessions, caller, user.id)
    const told: Record<string, ProfileValue> = { email, ...user.attributes }
    const userData = repeated
      ? ((await sessions.userData(session)) ?? {})
      : await sessions.mergeProfile(session, told, { source: 'signup', atMs })
    await journeys.promoteToRegistered(site.id, session.visitorId, atMs)
    return { user: viewUser(user), session, userData, ...(await logins.open(caller, user.id, session)) }
  }
}
