import type { FingerprintReport, SessionAnswer, SessionMetadata, SessionRequest } from '@helloagain/protocol'
import type { Consent } from '../consent/consent.ts'
import type { FailedCall, Transport } from '../transport/transport.ts'
import type { BrowsingSession, Recognised } from './browsing-session.ts'
import type { Identity } from './identity.ts'

export interface OpeningExtras {
  fingerprint?: FingerprintReport
  /** Somebody else is at the browser now: the server must not go by the cookie. */
  fresh?: boolean
}

export interface SessionOpening {
  /** Reads the kept identity where consent allows that. @returns whether there was one */
  recall(): boolean
  /** Opens or refreshes the session. Undefined where the server did not. */
  open(extras?: OpeningExtras): Promise<SessionAnswer | undefined>
  /** Milliseconds since 1970 when the session was last opened; 0 for never. */
  openedAtMs(): number
  /** What this tab already knows from a page before, if that is still fresh. */
  resume(): Recognised | undefined
}

export interface OpeningOptions {
  identity: Identity
  consent: Consent
  browsing: BrowsingSession
  transport: Transport
  /** Keeps other tabs out meanwhile. */
  runAlone<T>(work: () => Promise<T>): Promise<T>
  describePage(): SessionMetadata
  nowMs(): number
  /** Forgets all that is stored, because the mode does not allow it. */
  erase(): void
  onFailure(result: FailedCall): void
}

/** Opens the session at the server and keeps what it answers, as far as consent goes. */
export function createSessionOpening(options: OpeningOptions): SessionOpening {
  const { identity, consent, browsing, nowMs } = options
  let openedAtMs = 0

  function recall(): boolean {
    if (consent.isSettled() && consent.mode() !== 'recognition') return false
    const isFound = identity.load()
    // An identity is kept only after the server allowed it, so the site's rule is known.
    if (isFound && !consent.isSettled()) consent.learn('recognition')
    return isFound
  }

  function learn({ session, site, consent: judged, recognition }: SessionAnswer): void {
    consent.learn(site.unsetMode, judged.mode)
    openedAtMs = nowMs()
    identity.adopt(session.sessionId)
    if (consent.mode() !== 'recognition') {
      options.erase()
      return
    }
    identity.keep()
    const { method, isReturning } = recognition
    browsing.remember({ sessionId: identity.sessionId(), openedAtMs, method, isReturning })
  }

  async function post(extras: OpeningExtras): Promise<SessionAnswer | undefined> {
    // Another tab may have opened the session while this one waited for its turn.
    if (!extras.fresh) recall()
    const asked = consent.report()
    const isAnonymous = consent.isSettled() && consent.mode() === 'cookieless'
    const body: SessionRequest = {
      metadata: options.describePage(),
      ...(isAnonymous ? {} : { deviceId: identity.deviceId() }),
      ...extras,
      consent: asked,
    }
    const result = await options.transport({ method: 'POST', path: '/api/sessions', body })
    if (!result.isOk) {
      options.onFailure(result)
      return undefined
    }
    const answer = result.body as SessionAnswer
    // The person decided otherwise while the answer was under way.
    if (consent.report().choice !== asked.choice) return undefined
    learn(answer)
    return answer
  }

  return {
    recall,
    open: (extras = {}) => options.runAlone(() => post(extras)),
    openedAtMs: () => openedAtMs,
    resume() {
      const opened = browsing.findOpened(identity.sessionId(), nowMs())
      if (opened) openedAtMs = opened.openedAtMs
      return opened
    },
  }
}
