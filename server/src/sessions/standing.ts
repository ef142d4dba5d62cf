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

/** How a request stands to the sessions that are there. */
export type Standing = NewStanding | { readonly kind: 'refresh'; readonly session: Session }

/** Goes on from an expired session that was proven, with its visitor alone. */
function continuing({ visitorId, sessionId: previousSessionId }: Session): Standing {
  return { kind: 'make', basis: { visitorId }, method: 'cookie', previousSessionId }
}

/** Judges a request; `named` is the session of its `X-Session-ID`. */
export type JudgeStanding = (context: RequestContext, named: Session | undefined) => Promise<Standing>

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
  const isProven = (context: RequestContext, session: Session) =>
    session.mode === 'recognition' && proofs.proofOf(context, session) !== undefined

  return async (context, named) => {
    if (named && isProven(context, named)) {
      return isExpired(named, context.nowMs) ? continuing(named) : { kind: 'refresh', session: named }
    }
    const held = await proofs.findByCookie(context)
    if (held?.mode !== 'recognition') return byToken(context)
    // An id the browser made up after its storage was wiped gives way to the session its cookie proves.
    return isExpired(held, context.nowMs) ? continuing(held) : { kind: 'refresh', session: held }
  }
}
