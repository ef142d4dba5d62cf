import type { Hint } from './hints.ts'
import type { QueueCore } from './queue-port.ts'
import type { Shelf } from './shelf.ts'
import { listLoose, listStaged } from './staged.ts'
import { measureBytes, type QueuedEvent, type WaitingEvent } from './waiting-event.ts'

/** Events IndexedDB holds for a site. */
const MOST_STORED_EVENTS = 20_000
/** Stored events this page keeps a copy of, to hand them to a beacon. */
const MOST_COPIES = 1000

export interface BatchLimits {
  maxEvents: number
  maxBytes: number
}

/** All that waits for a site, wherever it lies and whoever tracked it. To be used by one tab at a time. */
export interface Stock {
  /** The oldest events, of one session, within the limits; one at least if there is one. They stay until settled. */
  pick(limits: BatchLimits): Promise<WaitingEvent[]>
  /** Moves what lies in localStorage and in this page's memory into IndexedDB, as far as the browser lets it. */
  stow(): Promise<void>
  /** The server answered for these events. */
  settle(events: readonly WaitingEvent[], delivered: number): Promise<void>
  /** Takes in what another tab says. */
  takeHint(hint: Hint): void
  /** Another tab did something: what is known of the disk is out of date. */
  doubt(): void
  /** Brings what lies in IndexedDB into memory, or counts it as opted out, and deletes the database. */
  empty(): Promise<void>
  /** Ends a turn: nothing is held open. */
  rest(): void
}

const toEvent = ({ event }: WaitingEvent): QueuedEvent => event

/** The beginning of a line that is of one session and within the limits. */
function cut(line: WaitingEvent[], { maxEvents, maxBytes }: BatchLimits): WaitingEvent[] {
  let bytes = 0
  const end = line.slice(0, maxEvents).findIndex(({ sessionId, event }, index) => {
    bytes += measureBytes(event) + 1
    return sessionId !== line[0]?.sessionId || (index > 0 && bytes > maxBytes)
  })
  return line.slice(0, end < 0 ? maxEvents : end)
}

/** Forgets the oldest copies of what lies in IndexedDB. */
function forgetCopies({ held, forget }: QueueCore): void {
  let excess = held.size - MOST_COPIES
  for (const [id, { isStored }] of held) {
    if (excess <= 0) break
    if (!isStored) continue
    forget(id)
    excess -= 1
  }
}

/** Moves events into IndexedDB, and makes room there for the newest. @returns how many lie there */
async function stowAll(core: QueueCore, shelf: Shelf, loose: WaitingEvent[]): Promise<number> {
  const { held, prefix, parts } = core
  if (loose.length > 0) await shelf.put(loose)
  // Only now that it is committed. A page that dies before this leaves the event in both, under one id.
  for (const { event } of loose) {
    const { eventId } = event
    parts.store.remove(prefix + eventId)
    const own = held.get(eventId)
    if (own) own.isStored = true
  }
  core.measureRoom()
  const count = await shelf.count()
  if (count <= MOST_STORED_EVENTS) return count
  const oldest = await shelf.peek(count - MOST_STORED_EVENTS)
  await shelf.remove(oldest)
  core.drop('queue_full', oldest.map(toEvent))
  return shelf.count()
}

/** Counts what lies on disk and is not held here. */
function measureFar(core: QueueCore, stored: number): void {
  const { held, isOnDisk } = core
  let copies = 0
  for (const { isStored } of held.values()) if (isStored) copies += 1
  const staged = isOnDisk() ? listStaged(core).filter((id) => !held.has(id)).length : 0
  core.far = Math.max(stored - copies, 0) + staged
}

/** What is fresh does not wait until a database that fails is well again. */
const peekShelf = (shelf: Shelf, most: number, other: WaitingEvent[]): Promise<WaitingEvent[]> =>
  shelf.peek(most).catch((error) => {
    if (other.length === 0) throw error
    return []
  })

/** Where nothing is left on disk, other tabs settled what is still held. */
function forgetTaken({ held, forget }: QueueCore, stored: number | undefined): void {
  if (stored === 0) for (const id of held.keys()) forget(id)
}

export function createStock(core: QueueCore, shelf: Shelf, tellOthers: (hint: Hint) => void): Stock {
  const { held, isOnDisk } = core
  /** Events in IndexedDB; undefined where it has to be looked at. */
  let stored: number | undefined
  let isShelfBroken = false
  /** Whether what was picked last lies in IndexedDB. */
  let isFromShelf = false

  const countFar = (): void => measureFar(core, stored ?? 0)

  /** @returns whether IndexedDB took them */
  async function stow(loose: WaitingEvent[]): Promise<boolean> {
    if (isShelfBroken) return false
    try {
      stored = await stowAll(core, shelf, loose)
    } catch {
      // Private windows, a full disk: events stay where they are.
      isShelfBroken = true
      return false
    }
    forgetCopies(core)
    countFar()
    tellOthers({ settled: [], stored })
    return true
  }

  async function pickFromDisk(limits: BatchLimits): Promise<WaitingEvent[]> {
    stored ??= await shelf.count().catch(() => undefined)
    const loose = listLoose(core)
    // A small fresh batch goes straight from where it is: what is acknowledged at once is never moved.
    const isStowed = (stored || loose.length > limits.maxEvents) && (await stow(loose))
    const line = stored ? await peekShelf(shelf, limits.maxEvents, isStowed ? [] : loose) : []
    isFromShelf = line.length > 0
    if (isFromShelf || isStowed) return cut(line, limits)
    if (loose.length === 0) forgetTaken(core, stored)
    return cut(loose, limits)
  }

  return {
    async stow() {
      if (isOnDisk()) await stow(listLoose(core))
    },
    async pick(limits) {
      isFromShelf = false
      return isOnDisk() ? pickFromDisk(limits) : cut(listLoose(core), limits)
    },
    async settle(events, delivered) {
      // Not by what is known of the disk: another tab may have put that in doubt while the batch was under way.
      if (isFromShelf) {
        await shelf.remove(events)
        stored = await shelf.count()
      }
      const settled = events.map(({ event }) => event.eventId)
      settled.forEach(core.forget)
      core.delivered += delivered
      countFar()
      if (!isOnDisk()) return
      core.measureRoom()
      tellOthers({ settled, stored: stored ?? 0 })
    },
    takeHint(hint) {
      hint.settled.forEach(core.forget)
      core.measureRoom()
      // It may be older than what this tab did since: that nothing lies there is looked at, where this tab knows better.
      stored = hint.stored || !stored ? hint.stored : undefined
      countFar()
    },
    doubt() {
      stored = undefined
    },
    async empty() {
      const events = (await shelf.isThere().catch(() => true)) ? await shelf.empty().catch(() => []) : []
      stored = 0
      const found = new Set(events.map(({ event }) => event.eventId))
      // Copies of what another tab has taken.
      for (const [id, { isStored }] of held) if (isStored && !found.has(id)) core.forget(id)
      if (core.parts.consent.mode() === 'off') core.drop('opted_out', events.map(toEvent))
      else events.forEach(core.hold)
      countFar()
    },
    rest() {
      isShelfBroken = false
      shelf.close()
    },
  }
}
