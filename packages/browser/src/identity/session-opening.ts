import type { SessionAnswer, SessionRequest } from '@helloagain/protocol'
import { SESSION_MAX_AGE_MS } from '../client-parts.ts'
import type { Fact } from '../debug/facts.ts'
import { createTeller } from '../debug/tell-overlay.ts'
import { computeBackoffMs } from '../queue/backoff.ts'
import { SdkError } from '../sdk-error.ts'
import { canRetry, type FailedCall, findRefusal } from '../transport/transport.ts'
import { createBrowsingSession } from './browsing-session.ts'
import { createCompletion, isObservationDue } from './complete-opening.ts'
import { describePage } from './describe-page.ts'
import { createDeviceKey, type DeviceKey } from './device-key.ts'
import { runAlone } from './one-at-a-time.ts'
import type { OpeningCore, OpeningExtras, OpenSession } from './opening-core.ts'
import { type Posted, SESSIONS_PATH, sendSession } from './send-session.ts'

const MOST_OPENING_TRIES = 6

/** Keeps what the server answers, as far as consent goes. */
function learn(
  { parts, settings, world }: OpeningCore,
  { session, site, consent: judged, recognition }: SessionAnswer,
) {
  const { consent, identity } = parts
  const browsing = createBrowsingSession(parts.tabStore, settings.userDataKey, SESSION_MAX_AGE_MS)
  consent.learn(site.unsetMode, judged.mode)
  identity.adopt(session.sessionId)
  if (consent.mode() !== 'recognition') {
    parts.erase(false)
    return
  }
  identity.keep()
  const { method, isReturning } = recognition
  browsing.remember({
    sessionId: identity.sessionId(),
    openedAtMs: world.nowMs(),
    method,
    isReturning,
  })
}

interface Posting {
  deviceKey: DeviceKey
  /** The proof by the device key that is to be bound. */
  headers?: Record<string, string> | undefined
  onFailure(failed: FailedCall, extras: OpeningExtras): void
  tell(fact: Fact): void
}

/** Posts the session. Undefined where the server did not open it. */
async function post(core: OpeningCore, extras: OpeningExtras, posting: Posting): Promise<Posted | undefined> {
  const { deviceKey, headers, onFailure, tell } = posting
  const { consent, identity, transport } = core.parts
  // Another tab may have opened the session while this one waited for its turn.
  const isKept = !extras.fresh && core.recall()
  // What completes an opening was opened by the cookie a moment ago.
  const mayProve = isKept && Object.keys(extras).length === 0
  const asked = consent.report()
  const askedAs = identity.sessionId()
  const isAnonymous = consent.isSettled() && consent.mode() === 'cookieless'
  const body: SessionRequest = {
    metadata: describePage(core.world.scope, consent.isSettled() ? consent.mode() : 'recognition'),
    ...(isAnonymous ? {} : { deviceId: identity.deviceId() }),
    ...(mayProve && { mayProve }),
    ...extras,
    consent: asked,
  }
  const result = await sendSession(transport, deviceKey, { body, headers })
  if (!result.isOk) {
    onFailure(result, extras)
    return undefined
  }
  const answer = result.body as SessionAnswer
  // The person decided otherwise while the answer was under way, or somebody else came.
  if (consent.report().choice !== asked.choice || identity.sessionId() !== askedAs) return undefined
  learn(core, answer)
  const { recognition } = answer
  tell({ what: 'answered', recognition, isSameId: identity.sessionId() === askedAs })
  core.onOpened(answer.recognition, core.world.nowMs())
  return { answer, nonce: result.nonce ?? '' }
}

/** Opens sessions at the server, tries again where that may help, and has what is left for later done when it is time. */
export function createSessionOpening(core: OpeningCore): OpenSession {
  const { settings, world, guard, parts } = core
  const { consent, identity } = parts
  const browsing = createBrowsingSession(parts.tabStore, settings.userDataKey, SESSION_MAX_AGE_MS)
  const { scope, nowMs, random } = world
  const tell = createTeller(core)
  let failures = 0

  function onFailure(failed: FailedCall, { fresh }: OpeningExtras): void {
    const { status } = failed
    const refusal = findRefusal(failed)
    tell({ what: 'failed_open', status, refusal })
    guard.report(new SdkError('session.open_failed', 'No session was opened.', { status, refusal }))
    failures += 1
    if (!canRetry(status) || failures >= MOST_OPENING_TRIES) return
    // Who was here before reset() is not to come back by the cookie.
    scope.setTimeout(() => void core.reopen(fresh ? { fresh } : {}), computeBackoffMs(failures, random))
  }
  const deviceKey = createDeviceKey({
    ...{ scope, newId: world.newId, url: settings.endpoint + SESSIONS_PATH },
    name: `${settings.endpoint} ${settings.siteKey}`,
  })
  const open = (extras: OpeningExtras, headers?: Posting['headers']): Promise<Posted | undefined> =>
    runAlone(scope, `${settings.storageKey}_opening`, {
      work: () => post(core, extras, { deviceKey, headers, onFailure, tell }),
    })
  const complete = createCompletion({ ...core, deviceKey, open, tell })

  /** Takes up the session the page before opened, unless the browser has to be observed. */
  function takeUp(): boolean {
    const known = browsing.findOpened(identity.sessionId(), nowMs())
    if (!known || (settings.fingerprint && isObservationDue(core, known.method))) return false
    tell({ what: 'taken_up', method: known.method })
    core.onOpened(known, known.openedAtMs)
    return true
  }

  return async ({ isKnown, ...extras } = {}) => {
    tell({ what: 'began', isKnown: !!isKnown })
    // Nobody comes this far after a refusal but for `debug`, to be told so.
    if (consent.mode() === 'off' || (isKnown && takeUp())) return
    const posted = await open(extras)
    if (!posted) return
    failures = 0
    if (consent.mode() === 'recognition') complete(posted)
  }
}
