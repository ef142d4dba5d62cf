import { isUuid } from '../platform/uuid-v7.ts'
import { within } from '../platform/within.ts'
import { moveToWhereAllowed } from './comply.ts'
import { createHints, type Hint } from './hints.ts'
import { createPauseKeeper } from './pause.ts'
import type { Courier, QueueCore } from './queue-port.ts'
import { createSendAll, type Haste } from './send-all.ts'
import { createShelf } from './shelf.ts'
import { createStock } from './stock.ts'
import { createTimetable } from './timetable.ts'
import { createTurn } from './turn.ts'
import { type PageWatcher, watchPage } from './watch-page.ts'

/** What a beacon took is sent the usual way after this, if the page lives on out of sight. */
const AFTER_LEAVING_MS = 30_000
/** All that waits is looked at again after this, where something of ours or of the browser's failed. */
const AFTER_FAULT_MS = 60_000
/** Another tab tracked something: this one looks after it, in case that tab died. */
const LOOK_MS = 10_000

/** The courier's tools over the page. */
function createTools(core: QueueCore) {
  const { parts, settings, world, guard, prefix, isOnDisk } = core
  const { scope, nowMs } = world
  const { store } = parts
  const batchSize = within(settings.batchSize, [1, 50, 500])
  const flushIntervalMs = within(settings.flushIntervalMs, [0, 1000, 60_000])
  const turn = createTurn({ ...world, store, name: prefix, key: `${prefix}lease`, isOnDisk })
  const pause = createPauseKeeper({ store, key: `${prefix}pause`, isOnDisk, nowMs })
  const shelf = createShelf({
    timers: scope,
    findFactory: () => scope.indexedDB,
    name: prefix,
    mayWrite: isOnDisk,
  })
  const hints = createHints(
    scope,
    prefix,
    guard.wrap((hint: Hint) => stock.takeHint(hint)),
  )
  const stock = createStock(core, shelf, hints.tell)
  const sendAll = createSendAll(core, { stock, pause, turn, batchSize })
  return { turn, pause, hints, stock, sendAll, batchSize, flushIntervalMs }
}

/** Brings the events of all tabs to the server, one tab at a time. */
export function openCourier(core: QueueCore): Courier {
  const { world, guard, isOnDisk } = core
  const tools = createTools(core)
  const { turn, hints, stock, sendAll, batchSize, flushIntervalMs } = tools
  const timetable = createTimetable(world.scope, { nowMs: world.nowMs, work: () => void drain(0) })
  let came = 0
  let draining: Promise<void> | undefined

  async function takeTurn(haste: Haste): Promise<void> {
    if (!core.isOpen) return
    const work = () => sendAll(haste)
    const waitMs = await (isOnDisk() ? turn.take(work) : work())
    if (waitMs !== 0) timetable.schedule(waitMs ?? turn.leftMs())
  }
  const takeTurnSafely = guard.wrap(takeTurn, () => timetable.schedule(AFTER_FAULT_MS))

  function drain(haste: Haste): Promise<void> {
    timetable.cancel()
    came = 0
    draining ??= takeTurnSafely(haste).then(() => {
      draining = undefined
      // An event may have come between the last look and now.
      if (came) timetable.schedule(flushIntervalMs)
    })
    return draining
  }

  function comply(): void {
    moveToWhereAllowed(core)
    if (isOnDisk()) {
      hints.open()
      timetable.schedule(0)
    } else if (!core.parts.consent.isSettled()) {
      timetable.schedule(0)
    } else {
      hints.close()
      void guard
        .wrap(stock.empty)()
        .then(() => timetable.schedule(0))
    }
  }

  const watcher = createWatcher(core, { ...tools, timetable, hurry: () => void drain(1) })
  const stopWatching = watchPage(world.scope, guard, watcher)
  comply()
  return {
    wake() {
      came += 1
      if (came >= batchSize && !draining) void drain(0)
      else timetable.schedule(flushIntervalMs)
    },
    async flush() {
      await draining
      await drain(2)
    },
    comply,
    close() {
      timetable.cancel()
      hints.close()
      stopWatching()
    },
  }
}

type WatcherTools = Pick<ReturnType<typeof createTools>, 'flushIntervalMs' | 'hints' | 'pause' | 'stock'> & {
  timetable: ReturnType<typeof createTimetable>
  hurry(): void
}

/** What the page, the network and other tabs tell. */
function createWatcher(
  core: QueueCore,
  { timetable, flushIntervalMs, hints, pause, stock, hurry }: WatcherTools,
): PageWatcher {
  const { world, prefix, held, isOnDisk } = core
  const { scope } = world
  return {
    onHidden() {
      if (pause.leftMs() || timetable.isEmpty()) return
      timetable.cancel()
      timetable.schedule(AFTER_LEAVING_MS)
    },
    onPageHide: hints.close,
    onBack() {
      if (isOnDisk()) hints.open()
      for (const item of held.values()) item.isHanded = false
      stock.doubt()
      hurry()
    },
    onStored(key, isRemoved) {
      if (!isOnDisk() || !key.startsWith(prefix)) return
      const id = key.slice(prefix.length)
      // Another tab found the server well again.
      if (id === 'pause' && isRemoved) timetable.schedule(flushIntervalMs)
      if (!isUuid(id)) return
      stock.doubt()
      if (scope.document.visibilityState === 'visible') timetable.schedule(LOOK_MS)
    },
  }
}
