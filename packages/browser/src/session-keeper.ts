import type { ConsentReport } from '@helloagain/protocol'
import { type ClientParts, SESSION_MAX_AGE_MS } from './client-parts.ts'
import type { Recognition } from './client-surface.ts'
import type { Guard } from './guard.ts'
import type { Recognised } from './identity/browsing-session.ts'
import type { Opening, OpenSession } from './identity/opening-core.ts'
import type { Uninstall } from './interceptors/uninstall.ts'
import type { Settings } from './options.ts'
import type { Queue } from './queue/queue.ts'
import type { World } from './world.ts'

/** Keeps the session open, and the page informed about who is there. */
export interface SessionKeeper {
  /** Takes up the session of the page before, or opens one. */
  start(): void
  /** Resolves once a session is open or could not be opened. */
  whenReady(): Promise<void>
  /** Opens the session again if that was long ago. */
  refreshIfStale(): void
  reopen(how?: Opening): Promise<void>
  /** Acts on what consent says now. @param isOwn false where another tab heard the decision, and has told the server */
  applyConsent(isOwn: boolean): Promise<void>
  decide(report: ConsentReport): Promise<void>
  onRecognized(callback: (recognition: Recognition) => void): () => void
}

export interface SessionKeeperOptions {
  parts: ClientParts
  settings: Settings
  world: World
  guard: Guard
  queue: Pick<Queue, 'begin' | 'comply' | 'open'>
  /** What the client undoes when it is closed; empty once it did. */
  undos: Uninstall[]
  /** Told when the person refuses. */
  onOff(): void
}

/** Callbacks that are told once a page that the person was here before. */
function createAnnouncement(guard: Guard) {
  let recognition: Recognition | undefined
  const callbacks = new Set<(recognition: Recognition) => void>()
  const tell = (callback: (recognition: Recognition) => void): void => {
    if (recognition) guard.wrap(callback)(recognition)
  }
  return {
    announce({ method, isReturning }: Recognised): void {
      if (!isReturning || recognition) return
      recognition = { method, isReturning }
      callbacks.forEach(tell)
    },
    unannounce(): void {
      recognition = undefined
    },
    onRecognized(callback: (recognition: Recognition) => void): () => void {
      callbacks.add(callback)
      tell(callback)
      return () => void callbacks.delete(callback)
    },
  }
}

export function createSessionKeeper(options: SessionKeeperOptions): SessionKeeper {
  const { parts, settings, world, guard, queue, undos } = options
  const { consent, identity } = parts
  const { announce, unannounce, onRecognized } = createAnnouncement(guard)
  let openedAtMs = world.nowMs()
  let open: OpenSession | undefined
  let markReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    markReady = resolve
  }).then(queue.open)

  function recall(): boolean {
    if (consent.isSettled() && consent.mode() !== 'recognition') return false
    const isFound = identity.load()
    // An identity is kept only after the server allowed it, so the site's rule is known.
    if (isFound && !consent.isSettled()) consent.learn('recognition')
    return isFound
  }

  function onOpened(who: Recognised, atMs: number): void {
    openedAtMs = atMs
    announce(who)
    // Where opening failed at first, the site's rule is known only now.
    queue.comply()
  }

  const reopen: SessionKeeper['reopen'] = guard.wrap(async (how) => {
    if (consent.mode() === 'off' && !settings.debug) return
    if (how?.fresh) unannounce()
    const { createSessionOpening } = await world.parts.session()
    // Closed meanwhile, or long ago.
    if (!undos.length) return
    // What sends is fetched meanwhile: the server it comes from may be gone by the time it is wanted.
    world.parts.delivery().catch(() => undefined)
    open ??= createSessionOpening({ ...options, recall, onOpened, reopen })
    await open(how)
  })

  async function turnOff(isOwn: boolean): Promise<void> {
    // The last call, made while the id is still known: it records the refusal and takes the cookie away.
    const told = isOwn && parts.tellRefusal(consent.report())
    queue.comply()
    options.onOff()
    unannounce()
    parts.erase(true)
    queue.begin()
    await told
  }

  async function applyConsent(isOwn: boolean): Promise<void> {
    if (consent.mode() === 'off') return turnOff(isOwn)
    if (consent.isSettled() && consent.mode() === 'cookieless') {
      parts.erase(true)
      queue.begin()
    } else recall()
    queue.comply()
    if (isOwn) await reopen()
    queue.open()
  }

  return {
    start() {
      // What an earlier, more generous decision left behind goes; nothing is read for that.
      if (consent.isSettled() && consent.mode() !== 'recognition') parts.erase(false)
      void reopen({ isKnown: recall() }).then(markReady)
    },
    whenReady: () => ready,
    refreshIfStale() {
      if (settings.autoRefresh && world.nowMs() - openedAtMs > SESSION_MAX_AGE_MS) void reopen()
    },
    reopen,
    applyConsent,
    decide(report) {
      consent.decide(report)
      return applyConsent(true)
    },
    onRecognized,
  }
}
