import type { EventBatch, EventInput } from '@helloagain/protocol'
import { createEventMaker } from './capture/event-maker.ts'
import { installPageLeave } from './capture/page-leave.ts'
import { installPageViews, readPageView } from './capture/page-views.ts'
import { type ClientParts, createClientParts } from './client-parts.ts'
import type { Client } from './client-surface.ts'
import { createGuard, type Guard, toSdkError } from './guard.ts'
import { createKnownPerson } from './identity/known-person.ts'
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
        hasCookies: parts.credentials() === 'include',
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
}

/** Puts the SDK's hands on the page. @returns the undo of each */
function install({ settings, parts, world, guard, queue, keeper }: Running, client: Client): Uninstall[] {
  const { scope } = world
  const { identity, consent } = parts
  const undos: Uninstall[] = []
  if (settings.interceptRequests) {
    undos.push(setCurrentPolicy(parts.policy), interceptFetch(parts.policy, scope))
  }
  const onLeave = guard.wrap(() => {
    identity.save()
    queue.leave()
  }, undefined)
  undos.push(installPageLeave(scope, { onLeave, onReturn: guard.wrap(keeper.refreshIfStale, undefined) }))
  const onStorage = guard.wrap(({ key }: StorageEvent) => {
    if (key === parts.consentKey) {
      consent.reload()
      void keeper.applyConsent(false)
    } else if (key === settings.storageKey && consent.mode() === 'recognition') identity.follow()
  }, undefined)
  scope.addEventListener('storage', onStorage)
  undos.push(() => scope.removeEventListener('storage', onStorage))
  if (settings.autoPageViews) {
    const onView = guard.wrap((view: Record<string, string>) => {
      keeper.refreshIfStale()
      client.track('PAGE_VIEW', view)
    }, undefined)
    undos.push(installPageViews(scope, (view) => onView({ ...view })))
  }
  return undos
}

/** Loads forms and `XMLHttpRequest` when the page is idle: neither is needed for the first paint. */
function installExtrasLater(
  { settings, parts, world, guard }: Running,
  client: Client,
  undos: Uninstall[],
): void {
  if (!settings.forms && !settings.interceptRequests) return
  let isClosed = false
  undos.push(() => {
    isClosed = true
  })
  const load = guard.wrapAsync(async () => {
    const { installForms, interceptXhr } = await world.parts.extras()
    if (isClosed) return
    if (settings.interceptRequests) undos.push(interceptXhr(parts.policy, world.scope))
    if (settings.forms) undos.push(installForms(client))
  }, undefined)
  whenIdle(world.scope, () => void load())
}

function createSurface(running: Running, close: () => void): Client {
  const { parts, guard, queue, keeper, world } = running
  const { consent, identity, token, policy } = parts
  const isOff = (): boolean => consent.mode() === 'off'
  const make = createEventMaker({ ...world, takeSeq: identity.takeSeq, redact: running.settings.redact })
  const person = createKnownPerson({
    transport: parts.transport,
    sessionId: identity.sessionId,
    mayCall: () => keeper.whenReady().then(() => consent.mode() === 'recognition'),
    reopen: () => keeper.reopen(),
    onRefused({ method, path }, { status, refusal }) {
      const details = { status, ...(refusal ? { refusal } : {}) }
      guard.report(new SdkError('request.failed', `${method} ${path}: ${refusal ?? status}`, details))
    },
  })
  const track: Client['track'] = (type, payload) => {
    const made = make(type, payload)
    if (isOff()) queue.drop('opted_out', [made.event])
    else if ('dropped' in made) queue.drop(made.dropped, [made.event])
    else queue.add(made.event)
  }
  const { wrap, wrapAsync } = guard
  const decide = wrapAsync(keeper.decide, undefined)
  const client: Client = {
    supported: true,
    get sessionId() {
      return isOff() ? undefined : identity.sessionId()
    },
    get consentMode() {
      return consent.mode()
    },
    headerPolicy: policy,
    ready: keeper.whenReady,
    track: wrap(track, undefined),
    page: wrap((props) => track('PAGE_VIEW', { ...readPageView(world.scope), ...props }), undefined),
    identify: wrapAsync(person.identify, undefined),
    profile: wrapAsync(person.profile, null),
    saveProgress: wrapAsync(person.saveProgress, false),
    resume: wrapAsync(person.resume, null),
    prefill: wrapAsync(async (form) => (await world.parts.extras()).prefill(form, client), 0),
    onRecognized: wrap(keeper.onRecognized, () => undefined),
    getSessionHeaders: wrap(() => sessionHeaders(parts), {}),
    fingerprint: wrap(
      () => (consent.mode() === 'recognition' ? parts.observation.fingerprint() : undefined),
      undefined,
    ),
    setAccessToken: token.set,
    getAccessToken: wrap(token.find, undefined),
    reset: wrapAsync(async () => {
      // What the person before did is theirs: it leaves under their id.
      queue.leave()
      token.set(null)
      parts.erase(true)
      await keeper.reopen({ fresh: true })
    }, undefined),
    optOut: (decision) => decide({ ...decision, choice: 'denied', byPerson: true }),
    optIn: (decision) => decide({ ...decision, choice: 'granted', byPerson: true }),
    setConsent: (report) => decide(toReport(report)),
    flush: wrapAsync(() => keeper.whenReady().then(queue.flush), undefined),
    stats: queue.stats,
    close: wrap(close, undefined),
  }
  return client
}

function sessionHeaders({ consent, identity, observation, token }: ClientParts): Record<string, string> {
  if (consent.mode() === 'off') return {}
  const fingerprint =
    consent.mode() === 'recognition' && !token.find() ? observation.fingerprint() : undefined
  return {
    'X-Session-ID': identity.sessionId(),
    ...(fingerprint ? { 'X-Device-Fingerprint': fingerprint } : {}),
  }
}

function run(settings: Settings, world: World, guard: Guard): Client {
  const parts = createClientParts(settings, world, guard)
  const queue = createClientQueue(settings, parts, world)
  const keeper = createSessionKeeper({
    ...{ parts, settings, world, guard },
    onReady: queue.open,
    onOff: () => queue.clear('opted_out'),
  })
  const running: Running = { settings, parts, world, guard, queue, keeper }
  const undos: Uninstall[] = []
  const client = createSurface(running, () => {
    parts.identity.save()
    queue.leave()
    queue.close()
    keeper.close()
    for (const undo of undos.splice(0).reverse()) guard.wrap(undo, undefined)()
  })
  keeper.start()
  undos.push(...install(running, client))
  installExtrasLater(running, client, undos)
  return client
}

/** The composition root of the SDK: the one place where the parts meet the page. Never throws. */
export function openClient(options: ClientOptions, world: World): Client {
  const guard = createGuard({ onError: options.onError, debug: options.debug ?? false })
  try {
    const missing = listMissingFeatures(world.scope)
    if (missing.length > 0) {
      const message = `This environment lacks ${missing.join(', ')}; Hello Again does nothing here.`
      throw new SdkError('environment.unsupported', message)
    }
    const { location, document } = world.scope
    const settings = resolveOptions(options, { origin: location.origin, baseUri: document.baseURI })
    return run(settings, world, guard)
  } catch (cause) {
    guard.report(toSdkError(cause))
    return createInertClient()
  }
}
