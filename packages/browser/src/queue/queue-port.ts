import type { EventBatch } from '@helloagain/protocol'
import type { ClientParts } from '../client-parts.ts'
import type { Guard } from '../guard.ts'
import type { Settings } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import type { DropReason } from './drop-reason.ts'
import type { HeldEvent, QueuedEvent, WaitingEvent } from './waiting-event.ts'

/** What the queue is made of. */
export interface QueueParts {
  settings: Settings
  parts: ClientParts
  world: Surroundings & { parts: { delivery(): Promise<DeliveryPart> } }
  guard: Guard
}

/** What the queue asks of the part that sends. */
interface DeliveryPart {
  openCourier(core: QueueCore): Courier
}

/** The events this page tracked. */
export interface Holder {
  /** Those the server has not answered for, by their ids. */
  held: Map<string, HeldEvent>
  /** What all keys of waiting events in localStorage begin with; also the name of database, lock and channel. */
  prefix: string
  /** Whether consent allows the disk. */
  isOnDisk(): boolean
  /** Keys of the queue in localStorage, those of every tab, without the prefix. */
  listKeys(): string[]
  /** Holds an event in memory, and in localStorage where consent and room allow it. */
  hold(waiting: WaitingEvent): void
  /**
   * Holds anew what lies in memory only: consent may allow the disk now, where another tab may send it. What was
   * tracked under the made-up id goes under the one of now.
   */
  stageHeld(madeUpId: string | undefined): void
  /** Takes an event out of memory and localStorage. */
  forget(eventId: string): void
  /** Measures the room in localStorage again. */
  measureRoom(): void
}

/** What the courier needs of the queue. */
export interface QueueCore extends QueueParts, Holder {
  /** Whether events may go: the session is open, or could not be opened. */
  isOpen: boolean
  /** The session id this page made up, as long as the server may answer with another. */
  unsettledId: string | undefined
  /** Events the server took from this page. */
  delivered: number
  /** Events on disk that this page does not hold, as of the last look. */
  far: number
  /** Counts events as given up, and forgets them. */
  drop(reason: DropReason, events: readonly QueuedEvent[], detail?: string): void
  /** What is sent of events. */
  batchOf(events: QueuedEvent[]): EventBatch
}

/** Brings events to the server. It comes with a later part. */
export interface Courier {
  /** An event came: it leaves with its batch. */
  wake(): void
  /** Sends all that waits, in whatever tab it was tracked. Resolves when it was sent, refused, or put off. */
  flush(): Promise<void>
  /** Moves what waits to where consent allows it, and lets it go under the id that counts. */
  comply(): void
  close(): void
}
