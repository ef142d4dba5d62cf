import { delMany, promisifyRequest, setMany, type UseStore } from 'idb-keyval'
import { quietly } from '../platform/quietly.ts'
import { createDatabase, type DatabaseOptions } from './database.ts'
import type { WaitingEvent } from './waiting-event.ts'

/** Events in IndexedDB, those of every tab, oldest first. Calls reject where the browser refuses. */
export interface Shelf {
  /** Keeps events; resolves once that is committed. Creates the database where there is none. */
  put(events: readonly WaitingEvent[]): Promise<void>
  /** The oldest events; they stay until removed. */
  peek(most?: number): Promise<WaitingEvent[]>
  remove(events: readonly WaitingEvent[]): Promise<void>
  count(): Promise<number>
  /** Whether there may be a database; it is not opened for that. */
  isThere(): Promise<boolean>
  /** Deletes the database. @returns what was in it */
  empty(): Promise<WaitingEvent[]>
  /** Closes the connection until the next call: an open one keeps some browsers from caching the page. */
  close(): void
}

export interface ShelfOptions extends DatabaseOptions {
  /** Whether consent still allows to write, asked when the database is open. */
  mayWrite(): boolean
}

/**
 * Ids are UUIDs of version 7: their order is that of time, so that ranges of keys are ranges of time.
 * A database that is not there is not created by looking.
 */
export function createShelf({ mayWrite, ...options }: ShelfOptions): Shelf {
  const { findFactory, name } = options
  const database = createDatabase(options)
  const use: UseStore = (mode, run) => database.use({ mode }, run)

  const peek: Shelf['peek'] = (most) =>
    use('readonly', (store) => promisifyRequest<WaitingEvent[]>(store.getAll(null, most))).catch(
      orNothing([] as WaitingEvent[]),
    )
  const useWhereAllowed: UseStore = (mode, run) =>
    database.use({ mode, mayCreate: true }, (store) => {
      if (!mayWrite()) throw new Error('Consent was withdrawn.')
      return run(store)
    })
  return {
    put: (events) =>
      setMany(
        events.map(({ sessionId, event }) => [event.eventId, { sessionId, event }]),
        useWhereAllowed,
      ),
    peek,
    remove: (events) =>
      delMany(
        events.map(({ event }) => event.eventId),
        use,
      ).catch(orNothing(undefined)),
    count: () => use('readonly', (store) => promisifyRequest(store.count())).catch(orNothing(0)),
    async isThere() {
      // Quietly, because the mere mention of `indexedDB` throws in sandboxed frames.
      const factory = quietly(findFactory)
      // Firefox before 126 (2024-05) cannot say.
      if (!factory?.databases) return !!factory
      return (await database.inTime(() => factory.databases())).some((found) => found.name === name)
    },
    async empty() {
      // In one transaction: of two tabs that do so one finds it all, the other nothing.
      const events = await use('readwrite', (store) => {
        const found = promisifyRequest<WaitingEvent[]>(store.getAll())
        store.clear()
        return found
      }).catch(() => [])
      database.close()
      // Not waited for, and quietly: it is empty, and the events are safe only once they are handed on.
      quietly(() => findFactory().deleteDatabase(name))
      return events
    },
    close: database.close,
  }
}

/** What stands for a database that is not there: opening one to look was aborted. */
const orNothing =
  <T>(nothing: T) =>
  (error: unknown): T => {
    if ((error as Partial<DOMException> | null)?.name === 'AbortError') return nothing
    throw error
  }
