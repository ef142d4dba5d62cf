import { isDeepStrictEqual } from 'node:util'
import type { DeviceKeyJwk, RecognitionAnswer } from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import { newId } from '../platform/ids.ts'
import type { WeakEvidence } from '../recognition/ports.ts'
import { createBindKey } from './bind-key.ts'
import { type Arriving, certain, createGreeting, NOBODY } from './greeting.ts'
import { createHandOver } from './hand-over.ts'
import { createKeepEvidence } from './keep-evidence.ts'
import { type Maker, toHot } from './maker.ts'
import type { Described } from './metadata.ts'
import type { SessionParts } from './parts.ts'
import type { Proof, Session } from './ports.ts'
import type { Proofs } from './proofs.ts'
import { createPursueVisit } from './pursue-visit.ts'

import { createJudgeStanding, type KnownStanding, type NewStanding, type Standing } from './standing.ts'

/** What `POST /api/sessions` brings, in mode `recognition`. */
export interface OpenRequest {
  readonly context: RequestContext
  readonly described: Described
  readonly evidence: WeakEvidence
  /** A new identity is wanted: nothing this request brings counts. */
  readonly isFresh: boolean
  /** A device key to bind. */
  readonly deviceKey?: DeviceKeyJwk | undefined
  /** The browser may hold a device key: it is asked for its proof before it becomes a new visitor. */
  readonly mayProve?: boolean | undefined
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

/** A back end speaks for a session as its cookie would. */
const methodOf = (proof: Proof): KnownStanding['method'] => (proof === 'device_key' ? proof : 'cookie')

/**
 * Refuses where the proof is what is missing: whoever may hold the key of the session it names is asked for one before
 * it becomes a new visitor, and whoever brings a key wants it bound, which takes a nonce.
 */
function askForProof(
  proofs: Proofs,
  request: OpenRequest,
  { standing, named }: { standing: Standing; named: Session | undefined },
): void {
  const { context, deviceKey, mayProve } = request
  const isNobody = standing.kind === 'make' && standing.method === 'new_user'
  const lacksNonce = context.proofFault === 'session.use_dpop_nonce'
  if (context.proofFault && (isNobody || (deviceKey && lacksNonce))) throw proofs.refusal(context)
  const isProvable = named?.mode === 'recognition' && named.deviceKeyId !== null
  if (isNobody && mayProve && isProvable && !context.deviceKey)
    throw proofs.refusal(context, 'session.use_dpop_nonce')
}

export function createOpening(parts: SessionParts, proofs: Proofs, maker: Maker): OpenSession {
  const { store, hot, recognition, expiryMs } = parts
  const judgeStanding = createJudgeStanding(proofs, recognition)
  const pursueVisit = createPursueVisit(parts)
  const greeting = createGreeting(parts)
  const keepEvidence = createKeepEvidence(parts)
  const bindKey = createBindKey(parts, proofs)
  const handOver = createHandOver(parts, proofs)

  /** The cookie that goes with the answer: the same again, or another for a browser that lost it and has the key. */
  async function renewCookie(context: RequestContext, session: Session) {
    const isLost = proofs.proofOf(context, session) === 'device_key' && !proofs.hasCookieOf(context, session)
    return isLost ? maker.healCookie(session) : { session, setCookie: maker.renewCookie(context) }
  }

  async function refresh({ session: known, method }: KnownStanding, request: OpenRequest): Promise<Opened> {
    const { context, described, evidence, deviceKey } = request
    const { nowMs: atMs } = context
    const bindsKey = deviceKey !== undefined && context.deviceKey?.visitorId === undefined
    const answer = await greeting.greetProven({ session: known, evidence, atMs, bindsKey }, method)
    const bound = await bindKey(context, known, deviceKey)
    const { session, setCookie } = await renewCookie(context, bound)
    const metadata = { ...session.metadata, ...described.metadata }
    const pursued = isJustSeen(session, { metadata, atMs })
      ? session
      : await pursueVisit(session, described, { metadata, lastSeenAtMs: atMs, expiresAtMs: atMs + expiryMs })
    await hot.set(toHot(pursued))
    await keepEvidence(session, { ...evidence, isProven: true }, atMs)
    return { session: pursued, isProven: true, recognition: answer, previousSessionId: undefined, setCookie }
  }

  async function make(
    standing: NewStanding,
    request: OpenRequest & Pick<Arriving, 'namedVisitorId'>,
    sessionId: string,
  ): Promise<Opened> {
    const { context, described, evidence, isFresh, namedVisitorId } = request
    const { basis, method, previousSessionId } = standing
    const made = await maker.make(context, { sessionId, mode: 'recognition', basis, described })
    const { session } = made
    if (!made.isMaker) {
      // Another request made it at this very moment: proven if this browser's cookie did, else only named.
      const proof = proofs.proofOf(context, session)
      if (proof) return refresh({ kind: 'refresh', session, method: methodOf(proof) }, request)
      return { ...made, isProven: false, recognition: NOBODY, previousSessionId: undefined }
    }
    if (isFresh) return { ...made, isProven: true, recognition: NOBODY, previousSessionId }
    const arriving = { session, evidence, atMs: context.nowMs, namedVisitorId }
    const answer = method === 'new_user' ? await greeting.greetNew(arriving) : certain(method)
    const own = { ...evidence, isProven: method !== 'new_user' }
    await keepEvidence(session, own, context.nowMs)
    return { ...made, isProven: true, recognition: answer, previousSessionId }
  }

  async function judge(request: OpenRequest, named: Session | undefined): Promise<Standing> {
    const { context, isFresh } = request
    if (isFresh) {
      await handOver(context)
      return { kind: 'make', basis: { isFresh }, method: 'new_user' }
    }
    const standing = await judgeStanding(context, named)
    askForProof(proofs, request, { standing, named })
    return standing
  }

  return async (asked) => {
    const { sessionId, site } = asked.context
    const request = { ...asked, evidence: recognition.suspect(asked.context, asked.evidence) }
    const named = sessionId === undefined ? undefined : await store.find(site.id, sessionId)
    const standing = await judge(request, named)
    if (standing.kind === 'refresh') return refresh(standing, request)
    // An id that is taken and not proven is never bound again: the browser gets a new one.
    const ownId = sessionId !== undefined && !named ? sessionId : newId()
    return make(standing, { ...request, namedVisitorId: named?.visitorId }, ownId)
  }
}
