import type { LoginRequest } from '@helloagain/protocol'
import { Problem } from '../platform/http/problem.ts'
import type { LoginDelays } from './login-delays.ts'
import type { LoginSessions } from './login-sessions.ts'
import { nameKey } from './policy.ts'
import type { AccountParts, Caller, LoginName, SignIn, StoredUser } from './ports.ts'
import { findSessionOwner, linkSession } from './sign-in-session.ts'
import { viewUser } from './view-user.ts'

interface LogInParts extends AccountParts {
  readonly logins: LoginSessions
  readonly delays: LoginDelays
}

interface Attempt {
  readonly name: LoginName
  readonly user: StoredUser | undefined
  /** Name of the counter of wrong passwords. */
  readonly counter: string
}

export function createLogIn(parts: LogInParts): SignIn['logIn'] {
  const { store, sessions, journeys, events, logins } = parts
  const check = createPasswordCheck(parts)

  async function readName(caller: Caller, { email, username }: LoginRequest): Promise<LoginName> {
    const ownerId = await findSessionOwner(sessions, caller)
    return {
      kind: email === undefined ? 'username' : 'email',
      key: nameKey(email ?? username ?? ''),
      // The session's own user first: of several who share an unverified address it is the one meant.
      vouchedIds: [...(ownerId === undefined ? [] : [ownerId]), ...caller.knownUserIds],
    }
  }

  return async (caller, request) => {
    const { site, nowMs: atMs } = caller.context
    const name = await readName(caller, request)
    const user = await check(
      site.id,
      { name, user: await store.findByLoginName(site.id, name) },
      request.password,
    )
    const session = await linkSession(sessions, caller, user.id)
    await journeys.promoteToRegistered(site.id, session.visitorId, atMs)
    const opened = await logins.open(caller, user.id, session)
    await events.loggedIn(session, atMs)
    return { user: viewUser(user), session, ...opened }
  }
}

/** Answers the user whose password it is. Known, unknown and passwordless names cost one Argon2 each. */
function createPasswordCheck({ store, passwords, delays, keys, nowMs }: LogInParts) {
  /** Strangers who guess slow down strangers only: a browser the account knows has a counter of its own (R44). */
  function counterOf(siteId: string, { name, user }: Omit<Attempt, 'counter'>): string {
    const isVouched = user !== undefined && name.vouchedIds.includes(user.id)
    const who = `${isVouched ? 'known' : 'others'}\n${siteId}\n${name.kind}\n${name.key}`
    return keys.mac('login-delay', who).toString('base64url')
  }
  async function verify({ user, counter }: Attempt, password: string): Promise<boolean> {
    delays.take(counter)
    try {
      return await passwords.verify(user?.passwordHash, password)
    } catch (error) {
      delays.giveBack(counter)
      throw error
    }
  }
  /** Costs that were raised since take effect as people come back (R7). A busy moment is no reason to refuse them. */
  async function strengthen({ id, passwordHash }: StoredUser, password: string): Promise<void> {
    if (passwordHash === null || !passwords.isWeaker(passwordHash)) return
    const to = await passwords.hash(password).catch(() => undefined)
    if (to !== undefined) await store.replacePasswordHash(id, { from: passwordHash, to, atMs: nowMs() })
  }

  return async (siteId: string, asked: Omit<Attempt, 'counter'>, password: string): Promise<StoredUser> => {
    const attempt = { ...asked, counter: counterOf(siteId, asked) }
    const isRight = await verify(attempt, password)
    if (!isRight || !attempt.user) throw new Problem('auth.invalid_credentials')
    delays.clear(attempt.counter)
    await strengthen(attempt.user, password)
    return attempt.user
  }
}
