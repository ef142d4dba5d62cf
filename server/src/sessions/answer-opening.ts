import {
  type ConsentMode,
  DPOP_NONCE_HEADER,
  type SessionAnswer,
  type SessionRequest,
} from '@helloagain/protocol'
import type { Response } from 'express'
import type { RequestContext } from '../platform/http/context.ts'
import { newId } from '../platform/ids.ts'
import type { WeakEvidence } from '../recognition/ports.ts'
import { NOBODY } from './greeting.ts'
import { describe } from './metadata.ts'
import type { Opened } from './opening.ts'
import { modeOf } from './policy.ts'
import type { SessionRouteParts } from './route-parts.ts'
import { provenView, unprovenView, visitorView } from './views.ts'
import { createWithdrawal } from './withdrawal.ts'

type Answer = Omit<SessionAnswer, 'consent' | 'site' | 'success'>

export type AnswerOpening = (
  context: RequestContext,
  body: SessionRequest,
  response: Response,
) => Promise<SessionAnswer>

/** What people who are not recognised are told: an id to go on with. */
const anonymousAnswer = ({ sessionId = newId() }: RequestContext): Answer => ({
  session: unprovenView(sessionId),
  restricted: true,
  recognition: NOBODY,
})

function describeVisit(
  { request, address }: RequestContext,
  { metadata }: SessionRequest,
  keepsNetwork: boolean,
) {
  return describe({
    metadata,
    userAgent: request.headers['user-agent'],
    origin: request.headers.origin,
    ...(keepsNetwork && { network: address.prefix }),
  })
}

/** `POST /api/sessions`, by what the person consents to. */
export function createAnswerOpening(parts: SessionRouteParts): AnswerOpening {
  const { sessions, recognition, fingerprints, observe, journeys } = parts
  const withdraw = createWithdrawal(parts)

  async function readEvidence(context: RequestContext, body: SessionRequest): Promise<WeakEvidence> {
    const { fingerprint: report, deviceId } = body
    const found = report ? undefined : fingerprints.find(context.request, context)
    const fingerprint = report
      ? await observe(context.site, { ...report, networkPrefix: context.address.prefix })
      : found && (await observe(context.site, found.hash, found.origin))
    return { ...(deviceId !== undefined && { deviceId }), ...(fingerprint && { fingerprint }) }
  }

  async function tell({ session, isProven, ...opened }: Opened): Promise<Answer> {
    const { recognition: recognised, previousSessionId } = opened
    const before = previousSessionId === undefined ? {} : { previousSessionId }
    if (!isProven)
      return { session: unprovenView(session.sessionId), restricted: true, recognition: recognised }
    const visitor = await recognition.findVisitor(session.siteId, session.visitorId)
    const journey = await journeys.find(session.siteId, session.visitorId)
    return {
      session: provenView(session, await sessions.userData(session)),
      restricted: false,
      ...(session.deviceKeyId !== null && { deviceKeyId: session.deviceKeyId }),
      ...before,
      ...(visitor && { visitor: visitorView(visitor) }),
      recognition: recognised,
      ...(journey && { journey: journeys.view(journey) }),
    }
  }

  async function open(context: RequestContext, body: SessionRequest, response: Response): Promise<Answer> {
    const evidence = await readEvidence(context, body)
    const { fresh: isFresh = false, deviceKey, mayProve } = body
    const described = describeVisit(context, body, true)
    const opened = await sessions.open({ context, described, evidence, isFresh, deviceKey, mayProve })
    response.set(DPOP_NONCE_HEADER, sessions.issueNonce(context))
    if (opened.setCookie !== undefined) response.append('Set-Cookie', opened.setCookie)
    if (opened.isProven && body.fingerprint) fingerprints.keepCookie(response, context, body.fingerprint.hash)
    if (body.consent) await sessions.recordDecision(context, body.consent, opened.session)
    return tell(opened)
  }

  async function openCookieless(context: RequestContext, body: SessionRequest): Promise<Answer> {
    const answer = anonymousAnswer(context)
    const { sessionId } = answer.session
    const hot = await sessions.openCookieless(context, sessionId, describeVisit(context, body, false))
    if (body.consent) await sessions.recordDecision(context, body.consent, hot)
    return answer
  }

  async function refuse(context: RequestContext, body: SessionRequest, response: Response): Promise<Answer> {
    if (body.consent) await withdraw(context, body.consent, response)
    return anonymousAnswer(context)
  }

  const byMode: Record<ConsentMode, typeof open> = {
    recognition: open,
    cookieless: openCookieless,
    off: refuse,
  }

  return async (context, body, response) => {
    const mode = modeOf(body.consent, context)
    const answer = await byMode[mode](context, body, response)
    const { fingerprintSalt, unsetMode } = context.site
    return {
      success: true as const,
      ...answer,
      consent: { mode },
      site: { fingerprintSalt, unsetMode, sessionTtlSeconds: sessions.ttlSeconds },
    }
  }
}
