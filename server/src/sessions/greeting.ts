import {
  RECOGNITION_METHODS,
  type RecognitionAnswer,
  type RecognitionMethod,
  VISIT_GAP_MS,
} from '@helloagain/protocol'
import type { Match, Visitor, WeakEvidence } from '../recognition/ports.ts'
import type { SessionParts } from './parts.ts'
import type { Session } from './ports.ts'

export interface Arriving {
  readonly session: Session
  readonly evidence: WeakEvidence
  readonly atMs: number
  /** It brings its device key, which a first visit does a moment after it opened the session. */
  readonly bindsKey?: boolean
  /** Whose session it names without a proof. */
  readonly namedVisitorId?: string | undefined
}

/** What a browser is told about having been here before. */
export interface Greeting {
  /** Of a new visitor, by weak evidence. */
  greetNew(arriving: Arriving): Promise<RecognitionAnswer>
  /** Of a visitor that cookie or key has proven. */
  greetProven(arriving: Arriving, method: 'cookie' | 'device_key'): Promise<RecognitionAnswer>
}

export const NOBODY: RecognitionAnswer = { method: 'new_user', isReturning: false }

/** Key, cookie and token leave no doubt. */
export const certain = (method: RecognitionMethod): RecognitionAnswer => ({
  method,
  isReturning: true,
  confidence: 100,
  anonymitySet: 1,
})

/** Evidence below cookie and key: that somebody like this was here is all a browser learns (SECURITY.md S5). */
const likely = ({ method }: Match): RecognitionAnswer => ({ method, isReturning: true })

export function createGreeting({
  recognition,
  events,
}: Pick<SessionParts, 'events' | 'recognition'>): Greeting {
  /**
   * Whether that is the visitor which the browser's own first call made a moment ago. Where no cookies are kept, the
   * second call, which brings the observation, makes a visitor of its own; the same device id is no return then.
   */
  async function isOwnFirstCall({ session: { siteId }, namedVisitorId, atMs }: Arriving, match: Match) {
    if (match.visitorId !== namedVisitorId) return false
    const visitor = await recognition.findVisitor(siteId, namedVisitorId)
    return !!visitor && atMs - visitor.firstSeenAtMs < VISIT_GAP_MS
  }

  /** Whom weak evidence points to; a link is kept where it is good enough. */
  async function recognise(arriving: Arriving): Promise<RecognitionAnswer> {
    const { session, evidence, atMs } = arriving
    const { siteId, visitorId } = session
    let match = await recognition.match(siteId, evidence, visitorId)
    if (match && recognition.isLinkable(match)) await recognition.link(siteId, visitorId, match, atMs)
    if (match && (await isOwnFirstCall(arriving, match))) {
      const { deviceId: _, ...observed } = evidence
      match = await recognition.match(siteId, observed, visitorId)
    }
    if (!match) return NOBODY
    await events.visitorReturned({ siteId, visitorId, atMs })
    return likely(match)
  }

  /**
   * A browser opens its session before it has observed itself and made its key, and reports a moment later: that second
   * call completes the first one and is answered as it would have been, not as somebody who came back.
   *
   * @returns the visitor whose first call it completes
   */
  async function findCompleted({
    session: { visitorId, siteId },
    evidence: { fingerprint },
    bindsKey,
  }: Arriving): Promise<Visitor | undefined> {
    const isObserved = fingerprint !== undefined && fingerprint.source !== 'server_generated'
    const isFirst = isObserved && !(await recognition.hasFingerprint(visitorId))
    if (!isFirst && !bindsKey) return undefined
    const visitor = await recognition.findVisitor(siteId, visitorId)
    return visitor && visitor.visitCount <= 1 ? visitor : undefined
  }

  async function complete(arriving: Arriving, { isShared }: Visitor): Promise<RecognitionAnswer> {
    const { siteId, visitorId } = arriving.session
    // Somebody said "not me" at this browser: its fingerprint must not say otherwise.
    if (isShared) return NOBODY
    const links = await recognition.listLinks(siteId, visitorId)
    const own = links.filter((link) => link.visitorId === visitorId && link.undoneAtMs === null)
    // One that somebody made by hand is no answer to who came.
    const method = RECOGNITION_METHODS.find((name) => own.some((link) => link.method === name))
    if (method) return { method, isReturning: true }
    return recognise(arriving)
  }

  return {
    greetNew: recognise,
    async greetProven(arriving, method) {
      const visitor = await findCompleted(arriving)
      return visitor ? complete(arriving, visitor) : certain(method)
    },
  }
}
