import type { EventBatch, EventInput } from '@helloagain/protocol'
import { createEventMaker } from './capture/event-maker.ts'
import { installPageLeave } from './capture/page-leave.ts'
import { installPageViews, type PageView, readPageView } from './capture/page-views.ts'
import { type ClientParts, createClientParts } from './client-parts.ts'
import type { Client } from './client-surface.ts'
import type { Extras } from './extras-part.ts'
import { createGuard, type Guard } from './guard.ts'
import { createInertClient } from './inert-client.ts'
import { setCurrentPolicy } from './interceptors/current-policy.ts'
import { interceptFetch } from './interceptors/fetch.ts'
import type { Uninstall } from './interceptors/uninstall.ts'
import { type ClientOptions, resolveOptions, type Settings, toReport } from './options.ts'
import { whenIdle } from './platform/idle.ts'
import { listMissingFeatures } from './platform/supported.ts'
import { createMemoryBuffer } from './queue/event-buffer.ts'
import { createQueue, type Queue } from './queue/queue.ts'
import { SdkError } from './sdk-error.ts'
import { createSessionKeeper, type SessionKeeper } from './session-keeper.ts'
import { sendBeacon } from './transport/beacon-transport.ts'
import type { World } from './world.ts'

// A visitor who stays offline all day must not fill the page's memory.
const BUFFER_LIMITS = { maxEvents: 1000, maxBytes: 1_000_000 }
const MAX_BATCH_BYTES = 500_000

function createClientQueue(settings: Settings, parts: ClientParts, { scope, nowMs, random }: World): Queue {
  const { consent, identity, transport } = parts
  const batchOf = (events: EventInput[]): EventBatch => ({
    sentAt: new Date(nowMs()).toISOString(),
    consent: consent.report(),
    events,
  })
  return createQueue({
    buffer: createMemoryBuffer(BUFFER_LIMITS),
    maySend: () => consent.mode() !== 'off',
    send: (events) => transport({ method: 'POST', path: '/api/events', body: batchOf(events) }),
    sendLeaving(events) {
      const { siteKey } = settings
      const batch = { ...(siteKey ? { siteKey } : {}), sessionId: identity.sessionId(), ...batchOf(events) }
      return sendBeacon(JSON.stringify(batch), {
        scope: { fetch: parts.fetch, navigator: scope.navigator },
        url: `${settings.endpoint}/api/events`,
        hasCookies: parts.hasCookies(),
      })
    },
    flushIntervalMs: settings.flushIntervalMs,
    batch: { maxEvents: settings.batchSize, maxBytes: MAX_BATCH_BYTES },
    onDrop: (reason, events, detail) => settings.onDrop?.(reason, events, detail),
    schedule(work, delayMs) {
      const timer = scope.setTimeout(work, delayMs)
      return () => scope.clearTimeout(timer)
    },
    random,
  })
}

interface Running {
  settings: Settings
  parts: ClientParts
  world: World
  guard: Guard
  queue: Queue
  keeper: SessionKeeper
  /** Called when the person is forgotten here. */
  onReset: Set<() => void>
}

/** Puts the SDK's hands on the page. @returns the undo of each */
function install({ settings, parts, world, guard, queue, keeper }: Running, client: Client): Uninstall[] {
  const { scope } = world
  const { identity, consent, policy } = parts
  const undos: Uninstall[] = []
  if (settings.interceptRequests) undos.push(setCurrentPolicy(policy), interceptFetch(policy, scope))
  const onLeave = guard.wrap(() => {
    identity.save()
    queue.leave()
  })
  undos.push(installPageLeave(scope, { onLeave, onReturn: guard.wrap(keeper.refreshIfStale) }))
  const onStorage = guard.wrap(({ key }: StorageEvent) => {
    if (key === parts.consentKey) {
      consent.reload()
      void keeper.applyConsent(false)
    } else if (key === settings.storageKey && consent.mode() === 'recognition') identity.follow()
  })
  scope.addEventListener('storage', onStorage)
  undos.push(() => scope.removeEventListener('storage', onStorage))
  if (settings.autoPageViews) {
    const onView = (view: PageView) => {
      keeper.refreshIfStale()
      client.track('PAGE_VIEW', { ...view })
    }
    undos.push(installPageViews(scope, guard.wrap(onView)))
  }
  return undos
}

function createSurface(
  running: Running,
  close: () => void,
): { client: Client; extras: () => Promise<Extras> } {
  const { parts, guard, queue, keeper, world, onReset } = running
  const { consent, identity, transport, findToken } = parts
  const isOff = (): boolean => consent.mode() === 'off'
  const make = createEventMaker({ ...world, takeSeq: identity.takeSeq, redact: running.settings.redact })
  let loading: Promise<Extras> | undefined
  const extras = (): Promise<Extras> => {
    loading ??= world.parts.extras().then(({ openExtras }) =>
      openExtras({
        ...{ client, transport, sessionId: identity.sessionId, scope: world.scope, reopen: keeper.reopen },
        mayCall: () => keeper.whenReady().then(() => consent.mode() === 'recognition'),
        onRefused({ method, path }, { status, refusal }) {
          const message = `${method} ${path}: ${refusal ?? status}`
          guard.report(new SdkError('request.failed', message, { status, refusal }))
        },
        onReset(callback) {
          onReset.add(callback)
          return () => onReset.delete(callback)
        },
      }),
    )
    return loading
  }
  const track: Client['track'] = (type, payload) => {
    const made = make(type, payload)
    if (isOff()) queue.drop('opted_out', [made.event])
    else if (made.dropped) queue.drop(made.dropped, [made.event])
    else queue.add(made.event)
  }
  const surface: Client = {
    supported: true,
    get sessionId() {
      return isOff() ? undefined : identity.sessionId()
    },
    get consentMode() {
      return consent.mode()
    },
    headerPolicy: parts.policy,
    ready: keeper.whenReady,
    track,
    page: (props) => track('PAGE_VIEW', { ...readPageView(world.scope), ...props }),
    identify: async (fields) => (await extras()).identify(fields),
    profile: async () => (await (await extras()).look())?.session.userData ?? null,
    saveProgress: async (name, state) => (await extras()).saveProgress(name, state),
    resume: async (name) => (await extras()).resume(name),
    prefill: async (form) => (await extras()).prefill(form),
    onRecognized: keeper.onRecognized,
    getSessionHeaders: () => (isOff() ? {} : parts.identityHeaders()),
    fingerprint: parts.findFingerprint,
    setAccessToken: parts.setToken,
    getAccessToken: findToken,
    async reset() {
      // What the person before did is theirs: it leaves under their id.
      queue.leave()
      parts.setToken(null)
      parts.erase(true)
      for (const callback of onReset) callback()
      await keeper.reopen({ fresh: true })
    },
    optOut: (decision) => keeper.decide({ ...decision, choice: 'denied', byPerson: true }),
    optIn: (decision) => keeper.decide({ ...decision, choice: 'granted', byPerson: true }),
    setConsent: (report) => keeper.decide(toReport(report)),
    flush: () => keeper.whenReady().then(queue.flush),
    stats: queue.stats,
    close,
  }
  const client = guardSurface(surface, guard)
  return { client, extras }
}

/** Every method answers as the inert client would, where it fails. */
function guardSurface(surface: Client, { wrap }: Guard): Client {
  const client = Object.defineProperties({}, Object.getOwnPropertyDescriptors(surface))
  for (const [name, otherwise] of Object.entries(createInertClient())) {
    const method: unknown = Reflect.get(surface, name)
    if (typeof method !== 'function') continue
    Object.defineProperty(client, name, { value: wrap(method as () => unknown, otherwise), enumerable: true })
  }
  return client as Client
}

function run(settings: Settings, world: World, guard: Guard): Client {
  const parts = createClientParts(settings, world, guard)
  const queue = createClientQueue(settings, parts, world)
  const onReset = new Set<() => void>()
  const keeper = createSessionKeeper({
    ...{ parts, settings, world, guard },
    onReady: queue.open,
    onOff() {
      queue.clear('opted_out')
      for (const callback of onReset) callback()
    },
  })
  const running: Running = { settings, parts, world, guard, queue, keeper, onReset }
  const undos: Uninstall[] = []
  let isClosed = false
  const { client, extras } = createSurface(running, () => {
    isClosed = true
    parts.identity.save()
    queue.leave()
    queue.close()
    keeper.close()
    for (const undo of undos.splice(0).reverse()) guard.wrap(undo)()
  })
  keeper.start()
  undos.push(...install(running, client))
  // Neither forms nor `XMLHttpRequest` are needed for the first paint.
  const installLater = async (): Promise<void> => {
    if (isClosed) return
    const later = await extras()
    if (isClosed) return
    if (settings.interceptRequests) undos.push(later.interceptXhr())
    if (settings.forms) undos.push(later.installForms())
  }
  if (settings.forms || settings.interceptRequests) whenIdle(world.scope, guard.wrap(installLater))
  return client
}

/** The composition root of the SDK: the one place where the parts meet the page. Never throws. */
export function openClient(options: ClientOptions, world: World): Client {
  const guard = createGuard(options)
  const open = (): Client => {
    const missing = listMissingFeatures(world.scope)
    if (missing.length > 0) {
      throw new SdkError(
        'environment.unsupported',
        `Hello Again does nothing here for want of ${missing.join(', ')}.`,
      )
    }
    const { location, document } = world.scope
    return run(resolveOptions(options, { origin: location.origin, baseUri: document.baseURI }), world, guard)
  }
  return guard.wrap(open, createInertClient)()
}
