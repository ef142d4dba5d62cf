import { createEventMaker } from './capture/event-maker.ts'
import { readPageView } from './capture/page-views.ts'
import type { ClientParts } from './client-parts.ts'
import type { Client } from './client-surface.ts'
import type { Extras } from './extras-part.ts'
import type { Guard } from './guard.ts'
import { createInertClient } from './inert-client.ts'
import { readHeaders } from './interceptors/policy.ts'
import type { Uninstall } from './interceptors/uninstall.ts'
import { type Settings, toReport } from './options.ts'
import type { Queue } from './queue/queue.ts'
import type { SessionKeeper } from './session-keeper.ts'
import type { World } from './world.ts'

/** A client at work. */
export interface Running {
  settings: Settings
  parts: ClientParts
  world: World
  guard: Guard
  queue: Queue
  keeper: SessionKeeper
  /** Called when the person is forgotten here. */
  resets: Set<() => void>
  /** What `close()` undoes; empty once it did. */
  undos: Uninstall[]
}

/** The client's methods, and the later part once it is loaded. */
export function createSurface(
  running: Running,
  close: () => void,
): { client: Client; extras: () => Promise<Extras> } {
  const { parts, guard, queue, keeper, world, resets } = running
  const { consent, identity, who } = parts
  const isOff = (): boolean => consent.mode() === 'off'
  const { redact } = running.settings
  const make = createEventMaker({ ...world, takeSeq: identity.takeSeq, redact, onDrop: queue.drop })
  let loading: Promise<Extras> | undefined
  // A part that was lost is asked for again the next time.
  const extras = (): Promise<Extras> => {
    loading ??= world.parts.extras().then(
      ({ openExtras }) => openExtras({ ...running, client }),
      (error) => {
        loading = undefined
        throw error
      },
    )
    return loading
  }
  const later =
    <N extends keyof Extras & keyof Client>(name: N) =>
    async (...args: Parameters<Client[N]>): Promise<Awaited<ReturnType<Client[N]>>> =>
      // Each has the signature it has in the client.
      Reflect.apply((await extras())[name], undefined, args)
  const track: Client['track'] = (type, payload) => {
    const event = make(type, payload)
    if (event && isOff()) queue.drop('opted_out', [event])
    else if (event) queue.add(event)
  }
  const client: Client = {
    supported: true,
    get sessionId() {
      return who.sessionId()
    },
    get consentMode() {
      return consent.mode()
    },
    headerPolicy: parts.policy,
    ready: keeper.whenReady,
    track,
    page: (props) => track('PAGE_VIEW', { ...readPageView(world.scope), ...props }),
    captureErrors: later('captureErrors'),
    identify: later('identify'),
    profile: later('profile'),
    saveProgress: later('saveProgress'),
    resume: later('resume'),
    prefill: later('prefill'),
    onRecognized: keeper.onRecognized,
    getSessionHeaders: () => readHeaders(who, { session: true, token: false }),
    fingerprint: who.fingerprint,
    setAccessToken: parts.setToken,
    getAccessToken: who.accessToken,
    async reset() {
      // What the person before did is theirs: it leaves under their id.
      queue.leave()
      parts.setToken(null)
      parts.erase(true)
      queue.begin()
      for (const callback of resets) callback()
      await keeper.reopen({ fresh: true })
      queue.open()
    },
    optOut: (decision) => keeper.decide({ ...decision, choice: 'denied', byPerson: true }),
    optIn: (decision) => keeper.decide({ ...decision, choice: 'granted', byPerson: true }),
    setConsent: (report) => keeper.decide(toReport(report)),
    flush: () => keeper.whenReady().then(queue.flush),
    stats: queue.stats,
    close,
  }
  guardSurface(client, guard)
  return { client, extras }
}

/** Every method answers as the inert client would, where it fails. */
function guardSurface(client: Client, { wrap }: Guard): void {
  for (const [name, otherwise] of Object.entries(createInertClient())) {
    if (typeof otherwise === 'function') Reflect.set(client, name, wrap(Reflect.get(client, name), otherwise))
  }
}
