import { installPageLeave } from './capture/page-leave.ts'
import { installPageViews, type PageView } from './capture/page-views.ts'
import type { Client } from './client-surface.ts'
import { createClientParts } from './create-client-parts.ts'
import { createSurface, type Running } from './create-surface.ts'
import { createGuard, type Guard } from './guard.ts'
import { createInertClient } from './inert-client.ts'
import { setCurrentPolicy } from './interceptors/current-policy.ts'
import { interceptFetch } from './interceptors/fetch.ts'
import type { Uninstall } from './interceptors/uninstall.ts'
import { type ClientOptions, resolveOptions, type Settings } from './options.ts'
import { whenIdle } from './platform/idle.ts'
import { listen } from './platform/listen.ts'
import { listMissingFeatures } from './platform/supported.ts'
import { createQueue } from './queue/queue.ts'
import { SdkError } from './sdk-error.ts'
import { createSessionKeeper } from './session-keeper.ts'
import type { World } from './world.ts'

/** Puts the SDK's hands on the page. @returns the undo of each */
function install({ settings, parts, world, guard, keeper, queue }: Running, client: Client): Uninstall[] {
  const { scope } = world
  const { identity, consent, policy } = parts
  const undos: Uninstall[] = [setCurrentPolicy(policy)]
  if (settings.interceptRequests) undos.push(interceptFetch(policy, scope))
  const follow = (): void => {
    if (consent.reload()) void keeper.applyConsent(false)
    else if (consent.mode() === 'recognition') identity.follow()
  }
  const onStorage = guard.wrap(({ key }: StorageEvent) => {
    if (key === parts.consentKey || key === settings.storageKey) follow()
  })
  // A page in the back-forward cache does not hear what other pages do to storage.
  const onReturn = guard.wrap(() => {
    follow()
    keeper.refreshIfStale()
  })
  undos.push(
    ...installPageLeave(scope, guard.wrap(queue.leave), onReturn),
    listen(scope, 'storage', onStorage),
  )
  if (settings.autoPageViews) {
    const onView = (view: PageView) => {
      keeper.refreshIfStale()
      client.track('PAGE_VIEW', { ...view })
    }
    undos.push(installPageViews(scope, guard.wrap(onView)))
  }
  return undos
}

function run(settings: Settings, world: World, guard: Guard): Client {
  const parts = createClientParts(settings, world, guard)
  const queue = createQueue({ settings, parts, world, guard })
  const resets = new Set<() => void>()
  const undos: Uninstall[] = []
  const keeper = createSessionKeeper({
    ...{ parts, settings, world, guard, queue, undos },
    onOff() {
      for (const callback of resets) callback()
    },
  })
  const running: Running = { settings, parts, world, guard, queue, keeper, resets, undos }
  const { client, extras } = createSurface(running, () => {
    // First: forms and errors have something left to tell.
    for (const undo of undos.splice(0).reverse()) guard.wrap(undo)()
    queue.leave()
    queue.close()
  })
  keeper.start()
  undos.push(...install(running, client))
  // Neither forms nor `XMLHttpRequest` are needed for the first paint.
  const installLater = async (): Promise<void> => {
    // Whoever is closed has nothing left to undo.
    if (!undos.length) return
    const later = await extras()
    if (!undos.length) return
    if (settings.interceptRequests) undos.push(later.interceptXhr())
    if (settings.forms) undos.push(later.installForms())
  }
  if (settings.forms || settings.interceptRequests || settings.captureErrors)
    whenIdle(world.scope, guard.wrap(installLater))
  return client
}

/** The composition root of the SDK: the one place where the parts meet the page. Never throws. */
export function openClient(options: ClientOptions, world: World): Client {
  const guard = createGuard(options)
  const open = (): Client => {
    const missing = listMissingFeatures(world.scope)
    if (missing.length > 0) {
      throw new SdkError('environment.unsupported', `${missing}`)
    }
    const { location, document } = world.scope
    return run(resolveOptions(options, { origin: location.origin, baseUri: document.baseURI }), world, guard)
  }
  return guard.wrap(open, createInertClient)()
}
