import { readJson } from '../persistence/persistence.ts'
import { isUuid } from '../platform/uuid-v7.ts'
import type { QueueCore } from './queue-port.ts'
import type { WaitingEvent } from './waiting-event.ts'

/** Ids of the events in localStorage, those of every tab. */
export const listStaged = ({ listKeys }: QueueCore): string[] => listKeys().filter(isUuid)

/** An event out of localStorage; a damaged one is counted and forgotten. */
export function readStaged({ parts, prefix, drop }: QueueCore, id: string): WaitingEvent | undefined {
  const { sessionId, event } = readJson<WaitingEvent>(parts.store, prefix + id) ?? {}
  // Whatever else writes to this storage.
  if (isUuid(sessionId) && event?.eventId === id) return { sessionId, event }
  return void drop('invalid', [{ eventId: id, eventType: '' }])
}

/** Forgets what another tab took off the disk, while its hint is under way. */
function forgetTaken(core: QueueCore, staged: ReadonlySet<string>): void {
  // A page that wipes its storage wipes the session's id, too.
  if (!core.parts.store.get(core.settings.storageKey)) return
  for (const [id, { isStaged, isStored }] of core.held) {
    if (isStaged && !isStored && !staged.has(id)) core.forget(id)
  }
}

/** What lies nowhere but in localStorage or in this page's memory, oldest first. */
export function listLoose(core: QueueCore): WaitingEvent[] {
  const { held } = core
  const staged = new Set(core.isOnDisk() ? listStaged(core) : [])
  if (core.isOnDisk()) forgetTaken(core, staged)
  const loose = new Map<string, WaitingEvent>()
  for (const [id, item] of held) if (!item.isStored) loose.set(id, item)
  for (const id of staged) {
    const found = held.has(id) ? undefined : readStaged(core, id)
    if (found) loose.set(id, found)
  }
  return [...loose].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}
