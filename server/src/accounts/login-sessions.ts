import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import { Problem } from '../platform/http/problem.ts'
import { newId } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import type { Session } from '../sessions/ports.ts'
import { REFRESH_ABSOLUTE_MS, REFRESH_GRACE_MS, REFRESH_IDLE_MS } from './policy.ts'
import type {
  AccountParts,
  Caller,
  IssuedToken,
  LoginSession,
  LoginSessionStore,
  Refreshed,
  RefreshToken,
  RevokeReason,
  Tokens,
} from './ports.ts'
import { readDevice } from './read-device.ts'
import { hashRefreshToken, isRefreshToken, newRefreshToken, successorOf } from './refresh-token.ts'

export interface LoginSessionParts {
  readonly store: LoginSessionStore
  readonly tokens: Tokens
  readonly keys: ServerKeys
  readonly log: Log
  readonly events: Pick<AccountParts['events'], 'loginEnded' | 'loginLasts'>
}

interface OpenedLogin {
  readonly accessToken: IssuedToken
  readonly refreshToken: string
  readonly refreshMaxAgeSeconds: number
}

/** Login sessions from the first refresh token to the last. */
export interface LoginSessions {
  /** A new one; the one this browser held before is over (SECURITY.md R28). */
  open(caller: Caller, userId: string, session: Session): Promise<OpenedLogin>
  /** @throws Problem `auth.refresh_invalid` */
  refresh(caller: Caller): Promise<Refreshed>
  /** Those the caller holds a token of, now revoked. */
  endHeld(caller: Caller, reason: RevokeReason): Promise<LoginSession[]>
}

interface Found {
  readonly token: RefreshToken
  readonly session: LoginSession
}

const idleUntilMs = (atMs: number, expiresAtMs: number) => Math.min(atMs + REFRESH_IDLE_MS, expiresAtMs)

const isOver = (session: LoginSession, atMs: number) =>
  session.revokedAtMs !== null || Math.min(session.idleExpiresAtMs, session.expiresAtMs) <= atMs

function startLoginSession({ context }: Caller, userId: string, session: Session): LoginSession {
  const atMs = context.nowMs
  const expiresAtMs = atMs + REFRESH_ABSOLUTE_MS
  return {
    id: newId(),
    siteId: context.site.id,
    userId,
    sessionId: session.sessionId,
    ...readDevice(context),
    ipPrefix: context.address.prefix,
    createdAtMs: atMs,
    lastUsedAtMs: atMs,
    idleExpiresAtMs: idleUntilMs(atMs, expiresAtMs),
    expiresAtMs,
    revokedAtMs: null,
    revokedReason: null,
  }
}

export function createLoginSessions(parts: LoginSessionParts): LoginSessions {
  const { store, tokens, events } = parts
  const rotate = createRotation(parts)

  async function findHeld({ context, refreshToken }: Caller): Promise<Found | undefined> {
    if (refreshToken === undefined || !isRefreshToken(refreshToken)) return undefined
    const found = await store.findRefreshToken(hashRefreshToken(refreshToken))
    return found?.session.siteId === context.site.id ? found : undefined
  }
  async function revoke(session: LoginSession, reason: RevokeReason, atMs: number): Promise<void> {
    await store.revokeLoginSession(session.id, { reason, atMs })
    tokens.forget(session.id)
    await events.loginEnded(session, atMs)
  }
  async function endHeld(caller: Caller, reason: RevokeReason): Promise<LoginSession[]> {
    const { credential, nowMs } = caller.context
    const held = (await findHeld(caller))?.session
    const spoken =
      credential.kind === 'user' ? await store.findLoginSession(credential.loginSessionId) : undefined
    const sessions = [held, spoken].filter((session) => session !== undefined)
    for (const session of sessions) await revoke(session, reason, nowMs)
    return sessions
  }

  return {
    endHeld,
    async open(caller, userId, session) {
      await endHeld(caller, 'replaced')
      const started = startLoginSession(caller, userId, session)
      const refreshToken = newRefreshToken()
      await store.openLoginSession(started, hashRefreshToken(refreshToken))
      await events.loginLasts(started, caller.context)
      return {
        accessToken: await tokens.issueForUser(caller.context.site, { userId, loginSessionId: started.id }),
        refreshToken,
        refreshMaxAgeSeconds: (started.idleExpiresAtMs - started.createdAtMs) / 1000,
      }
    },
    async refresh(caller) {
      const found = await findHeld(caller)
      if (!found || caller.refreshToken === undefined) throw new Problem('auth.refresh_invalid')
      const { session } = found
      const atMs = caller.context.nowMs
      const refreshToken = await rotate(found, caller.refreshToken, atMs)
      const idleExpiresAtMs = idleUntilMs(atMs, session.expiresAtMs)
      await events.loginLasts({ ...session, idleExpiresAtMs }, caller.context)
      return {
        userId: session.userId,
        sessionId: session.sessionId,
        accessToken: await tokens.issueForUser(caller.context.site, {
          userId: session.userId,
          loginSessionId: session.id,
        }),
        refreshToken,
        refreshMaxAgeSeconds: (idleExpiresAtMs - atMs) / 1000,
      }
    },
  }
}

/** Answers the token that follows the presented one, or ends the family when somebody used it before. */
function createRotation({ store, tokens, keys, log, events }: LoginSessionParts) {
  /** The last token of the chain, used a moment ago: a second tab, or an answer that was lost. */
  async function isInGrace(hash: string, atMs: number): Promise<boolean> {
    const parent = await store.findRefreshToken(hash)
    if (!parent || isOver(parent.session, atMs)) return false
    const { usedAtMs, successorHash } = parent.token
    if (usedAtMs === null || successorHash === null || atMs - usedAtMs > REFRESH_GRACE_MS) return false
    const successor = await store.findRefreshToken(successorHash)
    return successor?.token.usedAtMs === null
  }

  return async ({ token, session }: Found, presented: string, atMs: number): Promise<string> => {
    const successor = successorOf(keys, presented, session.id)
    if (isOver(session, atMs)) {
      log.warn(
        { alert: 'auth.session_over', reason: session.revokedReason },
        'an ended log-in was to be refreshed',
      )
      throw new Problem('auth.refresh_invalid')
    }
    const outcome = await store.rotate({
      hash: token.hash,
      successorHash: hashRefreshToken(successor),
      loginSessionId: session.id,
      atMs,
      idleExpiresAtMs: idleUntilMs(atMs, session.expiresAtMs),
    })
    if (outcome === 'rotated') return successor
    if (outcome === 'lost') {
      if (await isInGrace(token.hash, atMs)) return successor
      // Two hold the same token; which of them is the thief nobody can tell, so both are out (RFC 9700 §4.14.2).
      await store.revokeLoginSession(session.id, { reason: 'refresh_reused', atMs })
      tokens.forget(session.id)
      await events.loginEnded(session, atMs)
      log.warn({ alert: 'auth.refresh_reused' }, 'a refresh token was used twice; its log-in is revoked')
    }
    throw new Problem('auth.refresh_invalid')
  }
}
