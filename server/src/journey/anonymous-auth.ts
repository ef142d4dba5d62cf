import type { IncomingMessage } from 'node:http'
import type {
  AnonymousAuthAnswer,
  AnonymousAuthRequest,
  Journey,
  RecognitionMethod,
} from '@helloagain/protocol'
import type { Tokens } from '../accounts/ports.ts'
import type { RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import { newId } from '../platform/ids.ts'
import type { FoundFingerprint, Observe, WeakEvidence } from '../recognition/ports.ts'
import { beginJourney } from './policy.ts'
import type { ArrivalDesk, Arrived, JourneyAnalyst, Journeys } from './ports.ts'
import { parseRawFingerprint } from './raw-fingerprint.ts'

export interface AnonymousAuthParts {
  readonly sessions: ArrivalDesk
  readonly observe: Observe
  /** The four tiers, for a request whose body brings no fingerprint. */
  readonly fingerprints: {
    find(request: IncomingMessage, context: RequestContext): FoundFingerprint | undefined
  }
  readonly journeys: Pick<Journeys, 'begin' | 'view'>
  readonly analyst: JourneyAnalyst
  readonly tokens: Pick<Tokens, 'issueForVisitor'>
}

export type AnonymousAuth = (
  request: { context: RequestContext; body: AnonymousAuthRequest },
  setCookie: (header: string) => void,
) => Promise<AnonymousAuthAnswer>

/** Who a request turned out to be. */
interface Finding {
  readonly userId: string
  readonly sessionId: string
  readonly method: RecognitionMethod
  readonly isReturning: boolean
  readonly journey: Journey
}

/** Evidence that anybody can make up: it opens nothing and is answered with no token. */
const isWeak = (method: RecognitionMethod) => method === 'device_id' || method === 'fingerprint_recognized'

function tell({ userId, sessionId, method, isReturning, journey }: Finding, confidence: number) {
  return {
    success: true as const,
    user_id: userId,
    session_id: sessionId,
    is_returning: isReturning,
    recognition_method: method,
    fingerprint_confidence: confidence,
    ums_data: {
      fingerprint_confidence: confidence,
      user_type: journey.user_type,
      journey_stage: journey.journey_stage,
      journey,
    },
  }
}

/** Reads what the request brings below cookie and key: the body's fingerprint data, else one of the four tiers. */
function createLook({ observe, fingerprints }: Pick<AnonymousAuthParts, 'fingerprints' | 'observe'>) {
  async function see(context: RequestContext, { raw_fingerprint_data: raw }: AnonymousAuthRequest) {
    const { site, request, address } = context
    if (raw) {
      const report = parseRawFingerprint(raw, site.fingerprintSalt)
      return observe(site, { ...report, networkPrefix: address.prefix })
    }
    const found = fingerprints.find(request, context)
    return found && observe(site, found.hash, found.origin)
  }

  return async (context: RequestContext, body: AnonymousAuthRequest) => {
    const { device_id: deviceId } = body
    const seen = await see(context, body)
    const evidence: WeakEvidence = {
      ...(deviceId !== undefined && { deviceId }),
      ...(seen && { fingerprint: seen }),
    }
    return { seen, evidence }
  }
}

/**
 * Document 000's anonymous log-in. Key, cookie or token bring back the same visitor; a device id or a fingerprint
 * only says that somebody like this was here: the person gets a fresh visitor, told to be returning and nothing
 * else (SECURITY.md S1, S5). Under Global Privacy Control, DNT, or a site that takes silence for no, nothing is
 * stored and the ids of the answer mean nothing tomorrow.
 */
export function createAnonymousAuth(parts: AnonymousAuthParts): AnonymousAuth {
  const { sessions, journeys, analyst, tokens } = parts
  const look = createLook(parts)

  /** A session that was opened with consent outranks a site's default, never an opt-out signal. */
  async function mayRecognise(context: RequestContext): Promise<boolean> {
    if (context.hasOptOutSignal) return false
    const resolved = await sessions.resolve(context)
    const mode = resolved?.proof ? resolved.session.mode : context.site.unsetMode
    if (mode === 'off') throw new Problem('session.consent_denied')
    return mode === 'recognition'
  }

  async function arrive(context: RequestContext, evidence: WeakEvidence): Promise<Arrived> {
    const open = (sessionId: string | undefined) =>
      sessions.open({
        context: { ...context, sessionId },
        described: { metadata: {}, touch: {} },
        evidence,
        isFresh: false,
      })
    const arrived = await open(context.sessionId)
    // Somebody else took the id at this very moment: it proves nothing of this person.
    return arrived.isProven ? arrived : open(undefined)
  }

  async function journeyOf(
    { site, nowMs, credential }: RequestContext,
    { session }: Arrived,
  ): Promise<Journey> {
    const account =
      credential.kind === 'user' ? await analyst.analytics(site.id, credential.userId, nowMs) : undefined
    if (!account) return journeys.view(await journeys.begin(site.id, session.visitorId, nowMs))
    const { user_type, journey_stage, first_visit_at, progression_history } = account
    return { user_type, journey_stage, first_visit_at, progression_history }
  }

  async function find(context: RequestContext, arrived: Arrived): Promise<Finding> {
    const { session, recognition } = arrived
    const { credential } = context
    const journey = await journeyOf(context, arrived)
    const { sessionId } = session
    return credential.kind === 'user'
      ? { userId: credential.userId, sessionId, method: 'email_login', isReturning: true, journey }
      : {
          userId: session.visitorId,
          sessionId,
          method: recognition.method,
          isReturning: recognition.isReturning,
          journey,
        }
  }

  async function token({ site, credential }: RequestContext, { userId, method }: Finding) {
    if (credential.kind === 'user' || isWeak(method)) return {}
    const { token: access_token, expiresInSeconds } = await tokens.issueForVisitor(site, userId)
    return { access_token, token_type: 'Bearer' as const, expires_in: expiresInSeconds }
  }

  function stranger({ site, nowMs, sessionId = newId() }: RequestContext): Finding {
    const journey = journeys.view(beginJourney(site.id, sessionId, nowMs))
    return { userId: sessionId, sessionId, method: 'new_user', isReturning: false, journey }
  }

  return async ({ context, body }, setCookie) => {
    // Asked first: of somebody who is not to be recognised nothing is looked at either.
    if (!(await mayRecognise(context))) return tell(stranger(context), 0)
    const { seen, evidence } = await look(context, body)
    const arrived = await arrive(context, evidence)
    if (arrived.setCookie !== undefined) setCookie(arrived.setCookie)
    const finding = await find(context, arrived)
    return { ...tell(finding, seen?.confidence ?? 0), ...(await token(context, finding)) }
  }
}
