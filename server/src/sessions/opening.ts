import { isDeepStrictEqual } from 'node:util'
import type { RecognitionAnswer } from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import { newId } from '../platform/ids.ts'
import type { WeakEvidence } from '../recognition/ports.ts'
import { certain, createGreeting, NOBODY } from './greeting.ts'
import { type Maker, toHot } from './maker.ts'
import type { Described } from './metadata.ts'
import type { SessionParts } from './parts.ts'
import type { Session } from './ports.ts'
import type { Proofs } from './proofs.ts'
import { createPursueVisit } from './pursue-visit.ts'
import { createJudgeStanding, type NewStanding, type Standing } from './standing.ts'

/** What `POST /api/sessions` brings, in mode `recognition`. */
export interface OpenRequest {
  readonly context: RequestContext
  readonly described: Described
  readonly evidence: WeakEvidence
  /** A new identity is wanted: nothing this request brings counts. */
  readonly isFresh: boolean
}

export interface Opened {
  readonly session: Session
  /** False: nothing of the session may be told. */
  readonly isProven: boolean
  readonly recognition: RecognitionAnswer
  readonly previousSessionId: string | undefined
  readonly setCookie: string | undefined
}

export type OpenSession = (request: OpenRequest) => Promise<Opened>

// Tabs that open together, and reloads: nobody reads the last activity finer than this, and each writing is a commit.
const SEEN_STEP_MS = 1000

/** Whether a refresh would write down what was written a moment ago. */
function isJustSeen(
  session: Session,
  { metadata, atMs }: { metadata: Session['metadata']; atMs: number },
): boolean {
  const isFresh = session.currentVisitId !== null && Math.abs(atMs - session.lastSeenAtMs) < SEEN_STEP_MS
  return isFresh && isDeepStrictEqual(metadata, session.metadata)
}

export function createOpening(parts: SessionParts, proofs: Proofs, maker: Maker): OpenSession {
  const { store, hot, recognition, expiryMs } = parts
  const judgeStanding = createJudgeStanding(proofs, recognition)
  const pursueVisit = createPursueVisit(parts)
  const greeting = createGreeting(parts)

  async function refresh(session: Session, request: OpenRequest): Promise<Opened> {
    const { context, described, evidence } = request
    const { nowMs: atMs } = context
    const answer = await greeting.greetProven({ session, evidence, atMs })
    const metadata = { ...session.metadata, ...described.metadata }
    const pursued = isJustSeen(session, { metadata, atMs })
      ? session
      : await pursueVisit(session, described, { metadata, lastSeenAtMs: atMs, expiresAtMs: atMs + expiryMs })
    await recognition.remember(session.siteId, session.visitorId, evidence, atMs)
    await hot.set(toHot(pursued))
    const setCookie = maker.renewCookie(context)
    return { session: pursued, isProven: true, recognition: answer, previousSessionId: undefined, setCookie }
  }

  async function make(standing: NewStanding, request: OpenRequest, sessionId: string): Promise<Opened> {
    const { context, described, evidence, isFresh } = request
    const { basis, method, previousSessionId } = standing
    const made = await maker.make(context, { sessionId, mode: 'recognition', basis, described })
    const { session } = made
    if (!made.isMaker) {
      // Another request made it at this very moment: proven if this browser's cookie did, else only named.
      if (proofs.proofOf(context, session)) return refresh(session, request)
      return { ...made, isProven: false, recognition: NOBODY, previousSessionId: undefined }
    }
    if (isFresh) return { ...made, isProven: true, recognition: NOBODY, previousSessionId }
    const arriving = { session, evidence, atMs: context.nowMs }
    const answer = method === 'new_user' ? await greeting.greetNew(arriving) : certain(method)
    await recognition.remember(session.siteId, session.visitorId, evidence, context.nowMs)
    return { ...made, isProven: true, recognition: answer, previousSessionId }
  }

  return async (request) => {
    const { context, isFresh } = request
    const { sessionId } = context
    const named = sessionId === undefined ? undefined : await store.find(context.site.id, sessionId)
    const standing: Standing = isFresh
      ? { kind: 'make', basis: { isFresh }, method: 'new_user' }
      : await judgeStanding(context, named)
    if (standing.kind === 'refresh') return refresh(standing.session, request)
    // An id that is taken and not proven is never bound again: the browser gets a new one.
    return make(standing, request, sessionId !== undefined && !named ? sessionId : newId())
  }
}
