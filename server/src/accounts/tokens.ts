import { createHash } from 'node:crypto'
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { SealedBox } from '../platform/crypto/sealed-box.ts'
import { Problem } from '../platform/http/problem.ts'
import { newId } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import { ACCESS_TOKEN_SECONDS, ANONYMOUS_TOKEN_SECONDS } from './policy.ts'
import type { LoginSessionStore, SigningKeyStore, TokenSubject, Tokens } from './ports.ts'
import { createSigningKeys, SIGNING_ALGORITHM, type SigningKeys } from './signing-keys.ts'

// RFC 9068 §2.1; the visitors' tokens have a type of their own, so that neither can stand in for the other.
const USER_TYPE = 'at+jwt'
const VISITOR_TYPE = 'ha-anon+jwt'
// Header parameters that name or carry a key: whoever sends them wants us to trust it (RFC 8725 §3.10).
const FOREIGN_KEY_PARAMETERS = ['jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'crit', 'b64']
const MAX_TOKEN_LENGTH = 2048
// RFC 7515 §2: base64url without padding; 64 bytes of signature, whose last character carries two bits only.
const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]$/
const MAX_REMEMBERED = 10_000

export interface TokenParts {
  readonly store: Pick<LoginSessionStore, 'findLoginSession'> & SigningKeyStore
  readonly box: SealedBox
  readonly nowMs: () => number
  /** The claim `iss`: where this server is reached. */
  readonly issuer: string
  readonly log?: Log
}

interface Verified {
  readonly subject: TokenSubject
  readonly siteId: string
  readonly expiresAtMs: number
}

/** Tokens whose signature was checked, by SHA-256, until they expire; the oldest make room. */
function createMemory(nowMs: () => number) {
  const remembered = new Map<string, Verified>()
  return {
    find(hash: string): Verified | undefined {
      const found = remembered.get(hash)
      if (found && found.expiresAtMs > nowMs()) return found
      remembered.delete(hash)
      return undefined
    },
    keep(hash: string, verified: Verified): void {
      const [oldest] = remembered.size >= MAX_REMEMBERED ? remembered.keys() : []
      if (oldest !== undefined) remembered.delete(oldest)
      remembered.set(hash, verified)
    },
    forget(loginSessionId: string): void {
      for (const [hash, { subject }] of remembered) {
        if (subject.kind === 'user' && subject.loginSessionId === loginSessionId) remembered.delete(hash)
      }
    },
  }
}

interface TokenHeader {
  readonly kid: string
  readonly typ: string
}

/** What the header claims, before any key is touched; undefined unless it is of the one form we issue. */
function readHeader(token: string): TokenHeader | undefined {
  if (token.length > MAX_TOKEN_LENGTH || !COMPACT_FORM.test(token)) return undefined
  try {
    const header = decodeProtectedHeader(token)
    const { alg, kid, typ } = header
    if (alg !== SIGNING_ALGORITHM || kid === undefined) return undefined
    if (typ !== USER_TYPE && typ !== VISITOR_TYPE) return undefined
    return FOREIGN_KEY_PARAMETERS.some((name) => name in header) ? undefined : { kid, typ }
  } catch {
    return undefined
  }
}

function readSubject(payload: JWTPayload, typ: string): TokenSubject {
  const { sub = '' } = payload
  const sid = payload['sid']
  if (typ === VISITOR_TYPE) return { kind: 'anonymous', visitorId: sub }
  if (typeof sid !== 'string') throw new Problem('auth.token_invalid')
  return { kind: 'user', userId: sub, loginSessionId: sid }
}

function createVerifier(keys: SigningKeys, { nowMs, issuer }: TokenParts) {
  return async (siteId: string, token: string): Promise<Verified> => {
    const header = readHeader(token)
    const key = header && (await keys.find(header.kid))
    if (!key) throw new Problem('auth.token_invalid')
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [SIGNING_ALGORITHM],
        issuer,
        audience: siteId,
        typ: header.typ,
        requiredClaims: ['sub', 'iat', 'exp', 'jti'],
        currentDate: new Date(nowMs()),
      })
      const expiresAtMs = (payload.exp ?? 0) * 1000
      return { subject: readSubject(payload, header.typ), siteId, expiresAtMs }
    } catch (cause) {
      if (cause instanceof errors.JWTExpired) throw new Problem('auth.token_expired')
      // Without the cause: jose puts the claims into its errors.
      throw new Problem('auth.token_invalid')
    }
  }
}

/** Access tokens signed by keys that are made at their first use. */
export function createTokens(parts: TokenParts): Tokens {
  const { store, nowMs, issuer, log } = parts
  const keys = createSigningKeys(parts)
  const memory = createMemory(nowMs)
  const verifySignature = createVerifier(keys, parts)

  async function sign(claims: JWTPayload, { typ, seconds }: { typ: string; seconds: number }) {
    const { kid, key } = await keys.current()
    const issuedAt = Math.floor(nowMs() / 1000)
    const token = await new SignJWT({
      ...claims,
      iss: issuer,
      iat: issuedAt,
      exp: issuedAt + seconds,
      jti: newId(),
    })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ, kid })
      .sign(key)
    return { token, expiresInSeconds: seconds }
  }

  /** The row is read every time, so that a log-out on another node counts at once (SECURITY.md R29, R38). */
  async function checkLoginSession({ subject, siteId }: Verified): Promise<void> {
    if (subject.kind !== 'user') return
    const session = await store.findLoginSession(subject.loginSessionId)
    if (!session || session.siteId !== siteId || session.userId !== subject.userId) {
      throw new Problem('auth.token_invalid')
    }
    const isOver = Math.min(session.idleExpiresAtMs, session.expiresAtMs) <= nowMs()
    if (session.revokedAtMs === null && !isOver) return
    log?.warn(
      { alert: 'auth.session_over', reason: session.revokedReason },
      'a token of an ended log-in was used',
    )
    throw new Problem('auth.token_invalid')
  }

  return {
    issueForUser: ({ id }, { userId, loginSessionId }) =>
      sign({ aud: id, sub: userId, sid: loginSessionId }, { typ: USER_TYPE, seconds: ACCESS_TOKEN_SECONDS }),
    issueForVisitor: ({ id }, visitorId) =>
      sign({ aud: id, sub: visitorId }, { typ: VISITOR_TYPE, seconds: ANONYMOUS_TOKEN_SECONDS }),
    async verify({ id }, token) {
      const hash = createHash('sha256').update(token).digest('base64url')
      const known = memory.find(hash)
      const verified = known?.siteId === id ? known : await verifySignature(id, token)
      if (verified !== known) memory.keep(hash, verified)
      await checkLoginSession(verified)
      return verified.subject
    },
    forget: memory.forget,
    jwks: async () => ({ keys: (await keys.list()).map((jwk) => ({ ...jwk })) }),
    rotateKeys: keys.rotate,
  }
}
