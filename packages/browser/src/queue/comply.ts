import type { QueueCore } from './queue-port.ts'
import { listStaged, readStaged } from './staged.ts'
import type { QueuedEvent } from './waiting-event.ts'

/** Lets what was tracked under an id this page made up go under the one the server answered with. */
function settleIds(core: QueueCore): void {
  const { held, unsettledId } = core
  const sessionId = core.parts.identity.sessionId()
  if (unsettledId && unsettledId !== sessionId) {
    for (const { event, ...item } of held.values()) {
      if (item.sessionId === unsettledId && !item.isStored) core.hold({ sessionId, event })
    }
  }
  core.unsettledId = undefined
}

/** What this tab has to count: what nobody else has taken off the disk before. */
function takeAll(core: QueueCore): QueuedEvent[] {
  const { held } = core
  const staged = new Set(listStaged(core))
  const own = [...held].flatMap(([id, { event, isStaged, isStored }]) =>
    isStored || (isStaged && !staged.has(id)) ? [] : event,
  )
  // Nothing is read any more.
  const others = [...staged].flatMap((id) => (held.has(id) ? [] : { eventId: id, eventType: '' }))
  return [...own, ...others]
}

/** Empties localStorage into memory. */
function takeIn(core: QueueCore): void {
  const { held } = core
  for (const id of listStaged(core)) {
    const staged = held.has(id) ? undefined : readStaged(core, id)
    if (staged) core.hold(staged)
  }
  for (const item of held.values()) item.isStaged = false
}

function clear({ listKeys, prefix, parts }: QueueCore): void {
  for (const key of listKeys()) parts.store.remove(prefix + key)
}

/** Moves what waits in localStorage and memory to where consent allows it. */
export function moveToWhereAllowed(core: QueueCore): void {
  const mode = core.parts.consent.mode()
  if (core.isOpen) settleIds(core)
  if (mode === 'off') {
    const all = takeAll(core)
    clear(core)
    core.drop('opted_out', all)
    for (const id of core.held.keys()) core.forget(id)
  } else if (!core.parts.consent.isSettled()) {
    // What other tabs may keep is theirs until the server has said what holds for this one.
  } else if (mode === 'cookieless') {
    takeIn(core)
    clear(core)
  } else {
    core.stageHeld(core.unsettledId)
  }
}
