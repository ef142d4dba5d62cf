import { FINGERPRINT_HEADER } from '@helloagain/protocol'
import { loginRequestSchema, refreshRequestSchema, signupRequestSchema } from '@helloagain/protocol/schemas'
import type { Response } from 'express'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import type { RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import { type Route, route } from '../platform/http/route.ts'
import { type AccountCookies, createAccountCookies } from './cookies.ts'
import type { Caller, Refreshed, SignedIn, SignIn, Tokens } from './ports.ts'
import { jwksResponse, signupResponse, tokenResponse } from './schema.ts'

export interface AccountRouteParts {
  readonly accounts: SignIn
  readonly tokens: Pick<Tokens, 'jwks'>
  readonly keys: ServerKeys
  /** Whether browsers reach this server by https. */
  readonly isSecure: boolean
}

const iso = (atMs: number) => new Date(atMs).toISOString()

interface Exchange {
  readonly context: RequestContext
  readonly response: Response
  readonly body: { readonly refresh_token?: string }
}

/** Reads and writes the cookies of a sign-in. */
interface Door {
  caller(exchange: Exchange): Caller
  /** The refresh token: into the cookie, or into the body for callers that are no browser. */
  handOver(exchange: Exchange, signedIn: Refreshed | SignedIn): { refresh_token?: string }
  remember(exchange: Exchange, userId: string): void
  forget(exchange: Exchange): void
}

/** Who sends cookies from somebody else's page is refused, log-in included (SECURITY.md R47). */
function checkOrigin({ request: { headers } }: RequestContext): void {
  // With Origin the CORS rules have decided already.
  if (headers.origin === undefined && headers['sec-fetch-site'] === 'cross-site') {
    throw new Problem('auth.origin_forbidden')
  }
}

function createDoor(cookies: AccountCookies): Door {
  const setCookie = (response: Response, header: string) => response.append('Set-Cookie', header)
  const sentInBody = ({ context, body }: Exchange) => (context.isFromBrowser ? undefined : body.refresh_token)

  return {
    caller(exchange) {
      const { context, response } = exchange
      checkOrigin(context)
      return {
        context,
        refreshToken: sentInBody(exchange) ?? cookies.readRefresh(context.request),
        knownUserIds: cookies.readKnown(context.request, context.site.id),
        setCookie: (header) => void setCookie(response, header),
      }
    },
    handOver(exchange, { refreshToken, refreshMaxAgeSeconds }) {
      const { context, response } = exchange
      const cameByCookie =
        sentInBody(exchange) === undefined && cookies.readRefresh(context.request) !== undefined
      if (!context.isFromBrowser && !cameByCookie) return { refresh_token: refreshToken }
      setCookie(response, cookies.refreshHeader(refreshToken, refreshMaxAgeSeconds))
      return {}
    },
    remember({ context, response }, userId) {
      if (!context.isFromBrowser) return
      const before = cookies.readKnown(context.request, context.site.id)
      setCookie(response, cookies.knownHeader(context.site.id, userId, before))
    },
    forget: ({ response }) => void setCookie(response, cookies.clearRefreshHeader()),
  }
}

/** Sign-up, log-in, refresh, log-out and the public keys. */
export function accountRoutes({ accounts, tokens, keys, isSecure }: AccountRouteParts): Route[] {
  const door = createDoor(createAccountCookies(keys, { isSecure }))
  return [signUpRoute(accounts, door), ...authRoutes(accounts, door), jwksRoute(tokens)]
}

const signUpRoute = (accounts: SignIn, door: Door) =>
  route(
    {
      method: 'post',
      path: '/api/users/signup',
      summary: 'Makes an unverified user, links this session to it and signs it in.',
      access: ['anyone'],
      limit: 'signup',
      body: signupRequestSchema,
      response: signupResponse,
      refusals: [
        'accounts.username_taken',
        'accounts.password_too_short',
        'accounts.password_too_long',
        'accounts.password_common',
        'accounts.password_personal',
        'auth.busy',
        'auth.origin_forbidden',
      ],
    },
    async ({ context, response, body }) => {
      const exchange = { context, response, body: {} }
      const { user, session, userData, ...signedIn } = await accounts.signUp(door.caller(exchange), body)
      door.remember(exchange, user.id)
      const told = Object.entries(userData).flatMap(([field, value]) =>
        value === undefined ? [] : [[field, value] as const],
      )
      return {
        success: true as const,
        user: {
          userId: user.id,
          email: user.email ?? body.email,
          emailVerified: user.emailVerifiedAtMs !== null,
          createdAt: iso(user.createdAtMs),
        },
        session: {
          sessionId: session.sessionId,
          userId: user.id,
          userData: Object.fromEntries(told),
          convertedAt: iso(session.convertedAtMs ?? context.nowMs),
        },
        access_token: signedIn.accessToken.token,
        token_type: 'Bearer' as const,
        expires_in: signedIn.accessToken.expiresInSeconds,
        ...door.handOver(exchange, { user, session, ...signedIn }),
      }
    },
  )

const authRoutes = (accounts: SignIn, door: Door) => [
  route(
    {
      method: 'post',
      path: '/api/auth/login',
      summary: 'Signs in by address or user name, and links this session to the user.',
      access: ['anyone'],
      limit: 'login',
      body: loginRequestSchema,
      response: tokenResponse,
      refusals: [
        'auth.invalid_credentials',
        'request.rate_limited',
        'accounts.password_too_long',
        'auth.busy',
        'auth.origin_forbidden',
      ],
    },
    async ({ context, response, body }) => {
      const exchange = { context, response, body: {} }
      const signedIn = await accounts.logIn(door.caller(exchange), body)
      door.remember(exchange, signedIn.user.id)
      return {
        success: true as const,
        access_token: signedIn.accessToken.token,
        token_type: 'Bearer' as const,
        expires_in: signedIn.accessToken.expiresInSeconds,
        ...door.handOver(exchange, signedIn),
        user_id: signedIn.user.id,
        session_id: signedIn.session.sessionId,
      }
    },
  ),
  route(
    {
      method: 'post',
      path: '/api/auth/refresh',
      summary: 'A new access token for the refresh token, which is replaced.',
      access: ['anyone'],
      body: refreshRequestSchema,
      response: tokenResponse,
      refusals: ['auth.refresh_invalid', 'auth.origin_forbidden'],
    },
    async (exchange) => {
      const refreshed = await accounts.refresh(door.caller(exchange))
      return {
        success: true as const,
        access_token: refreshed.accessToken.token,
        token_type: 'Bearer' as const,
        expires_in: refreshed.accessToken.expiresInSeconds,
        ...door.handOver(exchange, refreshed),
        user_id: refreshed.userId,
        session_id: refreshed.sessionId,
      }
    },
  ),
  route(
    {
      method: 'post',
      path: '/api/auth/logout',
      summary: 'Ends this log-in at once, and the link between this browser and the user.',
      access: ['anyone'],
      body: refreshRequestSchema,
      refusals: ['auth.origin_forbidden'],
    },
    async (exchange) => {
      await accounts.logOut(door.caller(exchange))
      door.forget(exchange)
    },
  ),
]

// Long enough to spare us the calls, short enough for a key that is pulled.
const JWKS_MAX_AGE_SECONDS = 300

const jwksRoute = (tokens: Pick<Tokens, 'jwks'>) =>
  route(
    {
      method: 'get',
      path: '/.well-known/jwks.json',
      summary: 'Public keys of access tokens (RFC 7517).',
      access: ['anyone'],
      response: jwksResponse,
    },
    async ({ response }) => {
      response.set('Cache-Control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`)
      // A shared cache would hand one browser's to all others.
      response.removeHeader(FINGERPRINT_HEADER)
      response.removeHeader('Set-Cookie')
      return jwksResponse.parse(await tokens.jwks())
    },
  )
