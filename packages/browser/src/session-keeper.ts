import type { ConsentReport, RecognitionMethod, SessionAnswer } from '@helloagain/protocol'
import type { ClientParts } from './client-parts.ts'
import { SESSION_MAX_AGE_MS } from './client-parts.ts'
import type { Recognition } from './client-surface.ts'
import type { Guard } from './guard.ts'
import type { Recognised } from './identity/browsing-session.ts'
import { describePage } from './identity/describe-page.ts'
import { runAlone } from './identity/one-at-a-time.ts'
import { createSessionOpening, type OpeningExtras } from './identity/session-opening.ts'
import type { Settings } from './options.ts'
import { whenIdle } from './platform/idle.ts'
import { computeBackoffMs } from './queue/backoff.ts'
import { SdkError } from './sdk-error.ts'
import { canRetry } from './transport/transport.ts'
import type { World } from './world.ts'

const MOST_OPENING_TRIES = 6

/** Keeps the session open, and the page informed about who is there. */
export interface SessionKeeper {
  /** Takes up the session of the page before, or opens one. */
  start(): void
  /** Resolves once a session is open or could not be opened. */
  whenReady(): Promise<void>
  /** Opens the session again if that was long ago. */
  refreshIfStale(): void
  reopen(extras?: OpeningExtras): Promise<void>
  /** Acts on what consent says now. @param isOwn false where another tab heard the decision, and has told the server */
  applyConsent(isOwn: boolean): Promise<void>
  decide(report: ConsentReport): Promise<void>
  onRecognized(callback: (recognition: Recognition) => void): () => void
  close(): void
}

export interface SessionKeeperOptions {
  parts: ClientParts
  settings: Settings
  world: World
  guard: Guard
  /** Told when the first try is over: events may go. */
  onReady(): void
  /** Told when the person refuses. */
  onOff(): void
}

/** Callbacks that are told once a page that the person was here before. */
function createAnnouncement(guard: Guard) {
  let recognition: Recognition | undefined
  let callbacks: ((recognition: Recognition) => void)[] = []
  return {
    announce({ method, isReturning }: Recognised): void {
      if (!isReturning || recognition) return
      const known: Recognition = { method, isReturning: true }
      recognition = known
      for (const callback of callbacks) guard.wrap(callback)(known)
    },
    forget(): void {
      recognition = undefined
    },
    listen(callback: (recognition: Recognition) => void): () => void {
      callbacks.push(callback)
      if (recognition) guard.wrap(callback)(recognition)
      return () => {
        callbacks = callbacks.filter((other) => other !== callback)
      }
    },
  }
}

/** Opens the session, tries again where that may help, and observes the browser where that is due. */
function createOpener(
  { parts, settings, world, guard }: SessionKeeperOptions,
  announce: (who: Recognised) => void,
) {
  const { consent, observation } = parts
  const { scope, nowMs, random } = world
  let isClosed = false
  let failures = 0
  let hasObserved = false

  const opening = createSessionOpening({
    ...parts,
    nowMs,
    describePage: () => describePage(scope, consent.isSettled() ? consent.mode() : 'recognition'),
    runAlone: (work) => runAlone(scope, `${settings.storageKey}_opening`, work),
    erase: () => parts.erase(false),
    onFailure({ status, refusal }) {
      guard.report(
        new SdkError('session.open_failed', 'The session could not be opened.', { status, refusal }),
      )
      failures += 1
      if (isClosed || !canRetry(status) || failures >= MOST_OPENING_TRIES) return
      scope.setTimeout(() => void reopen(), computeBackoffMs(failures, random))
    },
  })

  const observe = guard.wrap(async (salt: string, method: RecognitionMethod) => {
    const fingerprint = await observation.observe(salt, method)
    // The person may have refused meanwhile.
    if (consent.mode() !== 'recognition') observation.forget()
    if (consent.mode() !== 'recognition' || !fingerprint) return
    const answer = await opening.open({ fingerprint })
    if (answer) announce(answer.recognition)
  })

  function take({ recognition, site }: SessionAnswer): void {
    failures = 0
    announce(recognition)
    if (hasObserved || !settings.fingerprint || consent.mode() !== 'recognition') return
    if (!observation.isDue(recognition.method)) return
    hasObserved = true
    whenIdle(scope, () => void observe(site.fingerprintSalt, recognition.method))
  }

  const reopen = guard.wrap(async (extras?: OpeningExtras) => {
    if (isClosed || consent.mode() === 'off') return
    const answer = await opening.open(extras)
    if (answer) take(answer)
  })

  return {
    ...opening,
    reopen,
    close(): void {
      isClosed = true
    },
  }
}

export function createSessionKeeper(options: SessionKeeperOptions): SessionKeeper {
  const { parts, settings, world, guard } = options
  const { consent, observation } = parts
  const announcement = createAnnouncement(guard)
  const opener = createOpener(options, announcement.announce)
  let markReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    markReady = resolve
  })
  void ready.then(options.onReady)

  async function turnOff(isOwn: boolean): Promise<void> {
    // The last call, made while the id is still known: it records the refusal and takes the cookie away.
    const body = { consent: consent.report() }
    const told = isOwn ? parts.transport({ method: 'POST', path: '/api/sessions', body }) : undefined
    options.onOff()
    announcement.forget()
    parts.erase(true)
    await told
  }

  async function applyConsent(isOwn: boolean): Promise<void> {
    if (consent.mode() === 'off') return turnOff(isOwn)
    if (consent.isSettled() && consent.mode() === 'cookieless') parts.erase(true)
    else opener.recall()
    if (isOwn) await opener.reopen()
  }

  return {
    start() {
      // What an earlier, more generous decision left behind goes; nothing is read for that.
      if (consent.isSettled() && consent.mode() !== 'recognition') parts.erase(false)
      if (consent.mode() === 'off') {
        markReady()
        return
      }
      const known = opener.recall() ? opener.resume() : undefined
      if (known && !(settings.fingerprint && observation.isDue(known.method))) {
        announcement.announce(known)
        markReady()
      } else {
        void opener.reopen().then(markReady)
      }
    },
    whenReady: () => ready,
    refreshIfStale() {
      const openedAtMs = opener.openedAtMs()
      const isStale = openedAtMs > 0 && world.nowMs() - openedAtMs > SESSION_MAX_AGE_MS
      if (settings.autoRefresh && isStale) void opener.reopen()
    },
    async reopen(extras) {
      if (extras?.fresh) announcement.forget()
      await opener.reopen(extras)
    },
    applyConsent,
    async decide(report) {
      consent.decide(report)
      await applyConsent(true)
    },
    onRecognized: announcement.listen,
    close: opener.close,
  }
}
