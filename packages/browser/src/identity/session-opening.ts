import type {
  FingerprintReport,
  RecognitionMethod,
  SessionAnswer,
  SessionRequest,
} from '@helloagain/protocol'
import { type ClientParts, SESSION_MAX_AGE_MS } from '../client-parts.ts'
import type { Fact } from '../debug/facts.ts'
import { createTeller } from '../debug/tell-overlay.ts'
import type * as debug from '../debug-part.ts'
import type { Guard } from '../guard.ts'
import type { Uninstall } from '../interceptors/uninstall.ts'
import type { Settings } from '../options.ts'
import { whenIdle } from '../platform/idle.ts'
import { within } from '../platform/within.ts'
import type * as probes from '../probes-part.ts'
import { computeBackoffMs } from '../queue/backoff.ts'
import { SdkError } from '../sdk-error.ts'
import type { Surroundings } from '../surroundings.ts'
import { canRetry, type FailedCall, findRefusal } from '../transport/transport.ts'
import { createBrowsingSession, type Recognised } from './browsing-session.ts'
import { describePage } from './describe-page.ts'
import { observationMaxAgeMs } from './observation-age.ts'
import { runAlone } from './one-at-a-time.ts'

const MOST_OPENING_TRIES = 6

export interface OpeningExtras {
  fingerprint?: FingerprintReport
  /** Somebody else is at the browser now: the server must not go by the cookie. */
  fresh?: boolean
}

/** How a session is opened. */
export interface Opening extends OpeningExtras {
  /** The page begins with a kept identity: a session this tab opened lately is taken up as it is. */
  isKnown?: boolean
}

/** Opens or refreshes the session, and observes the browser where that is due. */
export type OpenSession = (opening?: Opening) => Promise<void>

/** What opening a session needs of the core. */
export interface OpeningCore {
  parts: ClientParts
  settings: Settings
  world: Surroundings & { parts: { probes(): Promise<typeof probes>; debug(): Promise<typeof debug> } }
  guard: Guard
  /** What the client undoes when it is closed. */
  undos: Uninstall[]
  /** Reads the kept identity where consent allows that. */
  recall(): boolean
  /** Told of each session that was opened or taken up, and since when it is open. */
  onOpened(who: Recognised, openedAtMs: number): void
  /** Tries once more, unless the client was closed meanwhile. */
  reopen(how: OpeningExtras): Promise<void>
}

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

interface Listeners {
  onFailure(failed: FailedCall, extras: OpeningExtras): void
  tell(fact: Fact): void
}

/** Posts the session. Undefined where the server did not open it. */
async function post(core: OpeningCore, extras: OpeningExtras, { onFailure, tell }: Listeners) {
  const { consent, identity, transport } = core.parts
  // Another tab may have opened the session while this one waited for its turn.
  if (!extras.fresh) core.recall()
  const asked = consent.report()
  const askedAs = identity.sessionId()
  const isAnonymous = consent.isSettled() && consent.mode() === 'cookieless'
  const body: SessionRequest = {
    metadata: describePage(core.world.scope, consent.isSettled() ? consent.mode() : 'recognition'),
    ...(isAnonymous ? {} : { deviceId: identity.deviceId() }),
    ...extras,
    consent: asked,
  }
  const result = await transport({ method: 'POST', path: '/api/sessions', body })
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
  return answer
}

/** Opens sessions at the server, tries again where that may help, and observes the browser where that is due. */
export function createSessionOpening(core: OpeningCore): OpenSession {
  const { settings, world, guard, parts } = core
  const { consent, identity, observation } = parts
  const browsing = createBrowsingSession(parts.tabStore, settings.userDataKey, SESSION_MAX_AGE_MS)
  const { scope, nowMs, random } = world
  const tell = createTeller(core)
  let failures = 0
  let hasObserved = false
  const isDue = (method: RecognitionMethod): boolean =>
    nowMs() - observation.observedAtMs() >= observationMaxAgeMs(method)

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
  const open = (extras: OpeningExtras): Promise<SessionAnswer | undefined> =>
    runAlone(scope, `${settings.storageKey}_opening`, { work: () => post(core, extras, { onFailure, tell }) })

  const observe = guard.wrap(async (salt: string, method: RecognitionMethod) => {
    const { observeAndKeep } = await world.parts.probes()
    const { kept, report } = await observeAndKeep({
      ...{ salt, storageKey: `${settings.storageKey}_fingerprint` },
      timeBoundMs: within(settings.timeBoundMs, [0, 300, 5000]),
      maxAgeMs: observationMaxAgeMs(method),
      atMs: nowMs(),
    })
    observation.take(kept)
    tell({ what: 'observed', isPartial: !!kept.partial, ...(report && { report }) })
    // The person may have refused meanwhile.
    if (consent.mode() !== 'recognition') observation.forget()
    else if (report) await open({ fingerprint: report })
  })

  /** Takes up the session the page before opened, unless the browser has to be observed. */
  function takeUp(): boolean {
    const known = browsing.findOpened(identity.sessionId(), nowMs())
    if (!known || (settings.fingerprint && isDue(known.method))) return false
    tell({ what: 'taken_up', method: known.method })
    core.onOpened(known, known.openedAtMs)
    return true
  }

  return async ({ isKnown, ...extras } = {}) => {
    tell({ what: 'began', isKnown: !!isKnown })
    // Nobody comes this far after a refusal but for `debug`, to be told so.
    if (consent.mode() === 'off' || (isKnown && takeUp())) return
    const answer = await open(extras)
    if (!answer) return
    failures = 0
    const { method } = answer.recognition
    if (hasObserved || !settings.fingerprint || consent.mode() !== 'recognition') return
    if (!isDue(method)) return tell({ what: 'not_due' })
    hasObserved = true
    whenIdle(scope, () => void observe(answer.site.fingerprintSalt, method))
  }
}
