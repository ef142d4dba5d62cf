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

/** Goes on from a session that was proven: with what it knows while it lives, with its visitor alone afterwards. */
function continuing(session: Session, atMs: number): Standing {
  const { visitorId, userId, currentVisitId: visitId, sessionId: previousSessionId } = session
  if (isExpired(session, atMs))
    return { kind: 'make', basis: { visitorId }, method: 'cookie', previousSessionId }
  return { kind: 'make', basis: { visitorId, userId, visitId }, method: 'cookie' }
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
      return isExpired(named, context.nowMs)
        ? continuing(named, context.nowMs)
        : { kind: 'refresh', session: named }
    }
    const held = await proofs.findByCookie(context)
    if (held?.mode !== 'recognition') return byToken(context)
    const wantsNewId = context.sessionId !== undefined && !named
    if (wantsNewId || isExpired(held, context.nowMs)) return continuing(held, context.nowMs)
    return { kind: 'refresh', session: held }
  }
}
