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
  drop('invalid', [{ eventId: id, eventType: '' }])
  return undefined
}

/** What lies nowhere but in localStorage or in this page's memory, oldest first. */
export function listLoose(core: QueueCore): WaitingEvent[] {
  const loose = new Map<string, WaitingEvent>()
  for (const [id, item] of core.held) if (!item.isStored) loose.set(id, item)
  for (const id of core.isOnDisk() ? listStaged(core) : []) {
    const staged = core.held.has(id) ? undefined : readStaged(core, id)
    if (staged) loose.set(id, staged)
  }
  return [...loose].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}
