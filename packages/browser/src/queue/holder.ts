import type { DropReason } from './drop-reason.ts'
import type { Holder, QueueParts } from './queue-port.ts'
import type { HeldEvent, QueuedEvent, WaitingEvent } from './waiting-event.ts'

// A site has some 5 MB for everything; ours is a twentieth, and 1,000 events: each counts as its thousandth at least.
const STAGED_SIZE = 262_144
const STAGED_EVENT_SIZE = 262
// Memory holds what overflows until IndexedDB takes it; a page that may store nothing holds 1,000 events, 1 MB.
const HELD_EVENTS = 20_000
const HELD_EVENTS_WITHOUT_DISK = 1000
const HELD_EVENT_SIZE = 1049

/** Keeps events in localStorage and, as a copy for the beacon or where there is no room, in memory. */
export function createHolder(
  { parts, settings }: QueueParts,
  drop: (reason: DropReason, events: QueuedEvent[]) => void,
): Holder {
  const { consent, store } = parts
  const prefix = `${settings.storageKey}_event_${settings.siteKey ?? ''}_`
  const held = new Map<string, HeldEvent>()
  let heldSize = 0
  let room: number | undefined
  const isOnDisk = (): boolean => consent.mode() === 'recognition'
  const weigh = (item?: HeldEvent): number => (item ? Math.max(item.size, HELD_EVENT_SIZE) : 0)
  const listKeys = (): string[] =>
    store.keys().flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : []))

  function measureRoom(): void {
    room = STAGED_SIZE
    for (const key of listKeys()) room -= Math.max(store.get(prefix + key)?.length ?? 0, STAGED_EVENT_SIZE)
  }

  function forget(id: string): void {
    heldSize -= weigh(held.get(id))
    held.delete(id)
    if (isOnDisk()) store.remove(prefix + id)
  }

  /** Writes an event to localStorage where there is room. @returns whether it lies there */
  function stage(id: string, text: string): boolean {
    if (room === undefined) measureRoom()
    const left = (room ?? 0) - Math.max(text.length, STAGED_EVENT_SIZE)
    if (left < 0 || !store.set(prefix + id, text)) return false
    room = left
    return true
  }

  function dropOldest(): void {
    const most = (isOnDisk() ? HELD_EVENTS : HELD_EVENTS_WITHOUT_DISK) * HELD_EVENT_SIZE
    for (const [id, { event, isStored }] of held) {
      if (heldSize <= most) break
      if (isStored) forget(id)
      else drop('queue_full', [event])
    }
  }

  function hold({ sessionId, event }: WaitingEvent): void {
    const id = event.eventId
    const text = JSON.stringify({ sessionId, event })
    const isStaged = isOnDisk() && stage(id, text)
    const item = { sessionId, event, isStaged, size: text.length }
    heldSize += weigh(item) - weigh(held.get(id))
    held.set(id, item)
    dropOldest()
  }

  return {
    ...{ prefix, held, isOnDisk, listKeys, measureRoom, forget, hold },
    stageHeld(madeUpId) {
      const now = parts.identity.sessionId()
      for (const { event, sessionId, isStored, isStaged } of held.values())
        if (!isStored && !isStaged) hold({ event, sessionId: sessionId === madeUpId ? now : sessionId })
    },
  }
}
