import { quietly } from '../platform/quietly.ts'
import type { DropReason } from './drop-reason.ts'
import { handOver } from './hand-over.ts'
import { createHolder } from './holder.ts'
import type { Courier, QueueCore, QueueParts } from './queue-port.ts'
import type { QueuedEvent } from './waiting-event.ts'

export interface QueueStats {
  /** Events that wait: those this page tracked, and what other pages left on disk as far as it is known. */
  waiting: number
  /** Events the server has, its duplicates included; counted in the tab that sent them. */
  delivered: number
  /** Events that were given up, by the reason; counted in the tab that did so. */
  dropped: Partial<Record<DropReason, number>>
}

export interface Queue {
  /** Takes an event; where consent allows it lies in localStorage when this returns. */
  add(event: QueuedEvent): void
  /** Begins with the session of now, whose id the server may still replace: nothing goes before `open`. */
  begin(): void
  /** Lets batches go; until then everything waits. */
  open(): void
  /** Sends all that waits, as far as the server takes it. Resolves when it was sent, refused, or put off. */
  flush(): Promise<void>
  /** Hands what this page tracked to the browser while the page goes away. */
  leave(): void
  /** Counts events that never came to wait. */
  drop: QueueCore['drop']
  /** Acts on what consent says now: to disk, to memory, or away. */
  comply(): void
  stats(): QueueStats
  close(): void
}

/** The part that sends is asked for again after this, where it could not be loaded; each time twice as long, up to a minute. */
const RELOAD_MS = 4000
const LONGEST_RELOAD_MS = 60_000

/** What sends, once it is there. */
interface Delivery {
  courier?: Courier
  asked?: Promise<Courier | undefined> | undefined
  /** Asks for the part that sends. Where it is lost, events wait and leave by beacon. */
  load(): Promise<Courier | undefined>
}

function createDelivery(core: QueueCore): Delivery {
  const { guard, world } = core
  const { parts, scope } = world
  let timer: number | undefined
  let waitMs = RELOAD_MS
  const delivery: Delivery = {
    load() {
      delivery.asked ??= parts
        .delivery()
        .then(({ openCourier }) => {
          delivery.courier = openCourier(core)
          return delivery.courier
        })
        .catch((error) => {
          guard.report(error)
          delivery.asked = undefined
          scope.clearTimeout(timer)
          timer = scope.setTimeout(() => core.isOpen && void delivery.load(), waitMs)
          waitMs = Math.min(2 * waitMs, LONGEST_RELOAD_MS)
          return undefined
        })
      return delivery.asked
    },
  }
  return delivery
}

/** Takes events, keeps them safe, and hands them over when the page goes; what sends them comes with a later part. */
export function createQueue(queueParts: QueueParts): Queue {
  const { parts, settings, world, guard } = queueParts
  const { consent, identity, store } = parts
  const dropped: QueueStats['dropped'] = {}
  const drop: Queue['drop'] = guard.wrap((reason, events, detail) => {
    if (!events.length) return
    dropped[reason] = (dropped[reason] ?? 0) + events.length
    for (const { eventId } of events) core.forget(eventId)
    settings.onDrop?.(reason, events, detail)
  })
  const core: QueueCore = {
    ...queueParts,
    ...createHolder(queueParts, drop),
    ...{ drop, isOpen: false, unsettledId: identity.sessionId(), delivered: 0, far: 0 },
    batchOf: (events) => ({
      sentAt: new Date(world.nowMs()).toISOString(),
      consent: consent.report(),
      events,
    }),
  }
  const { held, prefix, listKeys } = core
  const delivery = createDelivery(core)

  function comply(): void {
    const isOff = consent.mode() === 'off'
    if (isOff) core.isOpen = false
    if (delivery.courier) {
      delivery.courier.comply()
    } else if (isOff) {
      for (const key of listKeys()) store.remove(prefix + key)
      drop(
        'opted_out',
        [...held.values()].map(({ event }) => event),
      )
      quietly(() => world.scope.indexedDB.deleteDatabase(prefix))
    } else {
      core.stageHeld(core.unsettledId)
    }
  }

  return {
    add(event) {
      core.hold({ sessionId: identity.sessionId(), event })
      delivery.courier?.wake()
    },
    begin() {
      core.isOpen = false
      core.unsettledId = identity.sessionId()
    },
    open() {
      core.isOpen = true
      comply()
      if (core.isOpen) void delivery.load()
    },
    async flush() {
      if (core.isOpen) await (await delivery.load())?.flush()
    },
    leave() {
      // Offline nothing leaves, whatever the browser answers.
      if (consent.mode() !== 'off' && world.scope.navigator.onLine !== false) handOver(core)
    },
    drop,
    comply,
    stats: () => ({ waiting: held.size + core.far, delivered: core.delivered, dropped: { ...dropped } }),
    close() {
      core.isOpen = false
      // It may still be under way.
      void delivery.asked?.then((courier) => courier?.close())
    },
  }
}
