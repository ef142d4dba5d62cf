import type { AnonymousAuthAnswer, AnonymousAuthRequest, RecognitionMethod } from '@helloagain/protocol'
import type { Tokens } from '../accounts/ports.ts'
import type { RequestContext } from '../platform/http/context.ts'
import type { Observation, Observe, Recognition, WeakEvidence } from '../recognition/ports.ts'
import type { Proof, Session, Sessions } from '../sessions/ports.ts'
import { latestLiving } from './latest-living.ts'
import type { JourneyState, Journeys } from './ports.ts'
import { parseRawFingerprint } from './raw-fingerprint.ts'

export interface AnonymousAuthParts {
  readonly sessions: Sessions
  readonly recognition: Pick<Recognition, 'isLinkable' | 'link' | 'match' | 'remember'>
  readonly observe: Observe
  readonly journeys: Journeys
  readonly tokens: Pick<Tokens, 'issueForVisitor'>
}

/** Who a request turned out to be. */
interface Finding {
  readonly session: Session
  readonly method: RecognitionMethod
  readonly isReturning: boolean
}

export type AnonymousAuth = (
  request: { context: RequestContext; body: AnonymousAuthRequest },
  setCookie: (header: string) => void,
) => Promise<AnonymousAuthAnswer>

const METHOD_OF_PROOF: Readonly<Record<Exclude<Proof, 'secret_key'>, RecognitionMethod>> = {
  cookie: 'cookie',
  device_key: 'device_key',
}

/**
 * Document 000's anonymous log-in. Key, token or cookie bring back the same visitor; a device id or a fingerprint
 * only says that somebody like this was here: the person gets a fresh visitor, told to be returning and nothing
 * else (SECURITY.md S1, S5).
 */
export function createAnonymousAuth(parts: AnonymousAuthParts): AnonymousAuth {
  const { sessions, recognition, observe, journeys, tokens } = parts

  /** The living session of the visitor an anonymous token speaks for. */
  async function findByToken({ credential, site, nowMs }: RequestContext): Promise<Session | undefined> {
    if (credential.kind !== 'anonymous') return undefined
    const known = await sessions.listByVisitor(site.id, credential.visitorId)
    return latestLiving(
      known.filter(({ userId }) => userId === null),
      nowMs,
    )
  }

  async function findProven(context: RequestContext): Promise<Finding | undefined> {
    const resolved = await sessions.resolve(context)
    if (resolved?.proof === 'device_key')
      return { session: resolved.session, method: 'device_key', isReturning: true }
    const byToken = await findByToken(context)
    if (byToken) return { session: byToken, method: 'session_token', isReturning: true }
    if (!resolved?.proof || resolved.proof === 'secret_key') return undefined
    return { session: resolved.session, method: METHOD_OF_PROOF[resolved.proof], isReturning: true }
  }

  async function greetFresh(session: Session, evidence: WeakEvidence, nowMs: number): Promise<Finding> {
    const { siteId, visitorId } = session
    if (session.mode !== 'recognition') return { session, method: 'new_user', isReturning: false }
    const match = await recognition.match(siteId, evidence, visitorId)
    if (!match) return { session, method: 'new_user', isReturning: false }
    await journeys.promoteToReturning(siteId, visitorId, nowMs)
    if (recognition.isLinkable(match)) await recognition.link(siteId, visitorId, match, nowMs)
    return { session, method: match.method, isReturning: true }
  }

  async function token({ session, method, isReturning }: Finding, { site }: RequestContext) {
    const isProven = method !== 'device_id' && method !== 'fingerprint_recognized'
    if (session.mode !== 'recognition' || !(isProven || !isReturning)) return {}
    const { token: access_token, expiresInSeconds } = await tokens.issueForVisitor(site, session.visitorId)
    return { access_token, token_type: 'Bearer' as const, expires_in: expiresInSeconds }
  }

  function answer(finding: Finding, state: JourneyState, seen: Observation | undefined) {
    const fingerprint_confidence = seen?.confidence ?? 0
    const journey = journeys.view(state)
    return {
      success: true as const,
      user_id: finding.session.visitorId,
      session_id: finding.session.sessionId,
      is_returning: finding.isReturning,
      recognition_method: finding.method,
      fingerprint_confidence,
      ums_data: {
        fingerprint_confidence,
        user_type: journey.user_type,
        journey_stage: journey.journey_stage,
        journey,
      },
    }
  }

  return async ({ context, body }, setCookie) => {
    const { site, nowMs } = context
    const { raw_fingerprint_data: raw } = body
    const seen = raw && (await observe(site, parseRawFingerprint(raw, site.fingerprintSalt)))
    const evidence: WeakEvidence = {
      ...(body.device_id !== undefined && { deviceId: body.device_id }),
      ...(seen && { fingerprint: seen }),
    }
    const finding =
      (await findProven(context)) ??
      (await greetFresh(await sessions.provenOrFresh(context, setCookie), evidence, nowMs))
    const { session } = finding
    if (session.mode === 'recognition')
      await recognition.remember(site.id, session.visitorId, evidence, nowMs)
    const state = await journeys.begin(site.id, session.visitorId, nowMs)
    return { ...answer(finding, state, seen), ...(await token(finding, context)) }
  }
}
