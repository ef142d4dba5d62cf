import { newId } from '../platform/ids.ts'
import { createLogIn } from './log-in.ts'
import { createLoginDelays } from './login-delays.ts'
import { createLoginSessions, type LoginSessions } from './login-sessions.ts'
import type { AccountParts, Accounts, SignIn } from './ports.ts'
import { createSignUp } from './sign-up.ts'
import { viewUser } from './view-user.ts'

/** Accounts of a site's people: signing up, in and out, and what other rooms ask about them. */
export function createAccounts(parts: AccountParts): Accounts & SignIn {
  const logins = createLoginSessions(parts)
  const delays = createLoginDelays(parts.nowMs)
  return {
    ...lookups(parts),
    signUp: createSignUp({ ...parts, logins }),
    logIn: createLogIn({ ...parts, logins, delays }),
    refresh: logins.refresh,
    logOut: createLogOut(parts, logins),
  }
}

function createLogOut({ sessions }: AccountParts, logins: LoginSessions): SignIn['logOut'] {
  return async (caller) => {
    const { site, nowMs: atMs } = caller.context
    const ended = await logins.endHeld(caller, 'logout')
    for (const { sessionId, userId } of ended) {
      const session = sessionId === null ? undefined : await sessions.findBySessionId(site.id, sessionId)
      if (session?.userId === userId) await sessions.endForUser(session, atMs)
    }
    // On a shared device the next person must not be greeted by this one's name, even when no token came along (S3).
    const here = await sessions.resolve(caller.context)
    if (here?.proof !== undefined && here.session.userId !== null)
      await sessions.endForUser(here.session, atMs)
  }
}

function lookups({ store }: AccountParts): Accounts {
  return {
    async findUser(siteId, userId) {
      const user = await store.findUser(siteId, userId)
      return user && viewUser(user)
    },
    async ensureExternalUser(siteId, externalId, atMs) {
      const made = {
        id: newId(),
        siteId,
        externalId,
        email: null,
        emailKey: null,
        emailVerifiedAtMs: null,
        username: null,
        usernameKey: null,
        passwordHash: null,
        attributes: {},
        ctaVariant: null,
        createdAtMs: atMs,
        updatedAtMs: atMs,
      }
      return viewUser(await store.ensureExternalUser(made))
    },
    async userAttributes(siteId, userId) {
      const user = await store.findUser(siteId, userId)
      if (!user) return {}
      return { ...(user.email !== null && { email: user.email }), ...user.attributes }
    },
  }
}
