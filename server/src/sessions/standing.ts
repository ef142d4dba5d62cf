import type { RecognitionMethod } from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import type { Recognition } from '../recognition/ports.ts'
import type { Basis } from './maker.ts'
import { isExpired } from './policy.ts'
import type { Session } from './ports.ts'
import type { Proofs } from './proofs.ts'

/** A new session, and what it goes on from. */
export interface NewStanding {
  readonly kind: 'make'
  readonly basis: Basis
  readonly method: RecognitionMethod
  readonly previousSessionId?: string
}

/** A living session that was proven. */
export interface KnownStanding {
  readonly kind: 'refresh'
  readonly session: Session
  readonly method: 'cookie' | 'device_key'
}

/** How a request stands to the sessions that are there. */
export type Standing = NewStanding | KnownStanding

/** Judges a request; `named` is the session of its `X-Session-ID`. */
export type JudgeStanding = (context: RequestContext, named: Session | undefined) => Promise<Standing>

/**
 * The key wins over the cookie: a cookie can be planted or copied, a key cannot. But where somebody signed in under the
 * cookie whom the key's visitor does not know, the key is of the person who was at this computer before.
 */
const isSomebodyElse = (held: Session, keyed: Session) =>
  held.visitorId !== keyed.visitorId && held.userId !== null && held.userId !== keyed.userId

export function createJudgeStanding(
  proofs: Proofs,
  recognition: Pick<Recognition, 'findVisitor'>,
): JudgeStanding {
  async function byToken({ credential, site }: RequestContext): Promise<Standing> {
    const visitor =
      credential.kind === 'anonymous'
        ? await recognition.findVisitor(site.id, credential.visitorId)
        : undefined
    return visitor
      ? { kind: 'make', basis: { visitorId: visitor.id }, method: 'session_token' }
      : { kind: 'make', basis: {}, method: 'new_user' }
  }

  /** A session that was never meant to be recognised is not gone on from. */
  const proofOf = (context: RequestContext, session: Session | undefined) =>
    session?.mode === 'recognition' ? proofs.proofOf(context, session) : undefined

  async function byKey(context: RequestContext, named: Session | undefined): Promise<Session | undefined> {
    return proofOf(context, named) === 'device_key' ? named : proofs.findByKey(context)
  }

  /** An id the browser made up after its storage was wiped gives way to the session its cookie proves. */
  async function byCookie(context: RequestContext, named: Session | undefined): Promise<Session | undefined> {
    if (proofOf(context, named)) return named
    const held = await proofs.findByCookie(context)
    return held?.mode === 'recognition' ? held : undefined
  }

  /** Goes on with a proven session; from an expired one with its visitor and key alone. */
  function goOn(context: RequestContext, session: Session, method: KnownStanding['method']): Standing {
    if (!isExpired(session, context.nowMs)) return { kind: 'refresh', session, method }
    const { visitorId, deviceKeyId, sessionId: previousSessionId } = session
    const hasNewSecret = !proofs.hasCookieOf(context, session)
    return { kind: 'make', basis: { visitorId, deviceKeyId, hasNewSecret }, method, previousSessionId }
  }

  return async (context, named) => {
    const keyed = await byKey(context, named)
    const held = keyed && proofs.hasCookieOf(context, keyed) ? keyed : await byCookie(context, named)
    if (keyed && !(held && isSomebodyElse(held, keyed))) return goOn(context, keyed, 'device_key')
    return held ? goOn(context, held, 'cookie') : byToken(context)
  }
}
