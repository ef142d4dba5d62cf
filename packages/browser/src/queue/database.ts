import { promisifyRequest } from 'idb-keyval'

/** One database with one store, open while it is used. */
export interface Database {
  /** Runs work over the store; rejects where the browser refuses or does not answer in time. */
  use<T>(how: Use, run: (store: IDBObjectStore) => T | PromiseLike<T>): Promise<T>
  /** Rejects where there is no answer in time; until `close`, nothing is asked again then. */
  inTime<T>(ask: () => Promise<T>): Promise<T>
  /** Closes the connection until the next call. */
  close(): void
}

export interface Use {
  mode: IDBTransactionMode
  /** Whether a database that is not there is created; otherwise the call rejects with an `AbortError`. */
  mayCreate?: boolean
}

export interface DatabaseOptions {
  timers: Pick<Window, 'clearTimeout' | 'setTimeout'>
  findFactory(): IDBFactory
  name: string
}

const STORE = 'events'
// Safari's may stay silent for as long as the page lives. https://bugs.webkit.org/show_bug.cgi?id=226547 (2021-06)
const ANSWER_MS = 10_000

export function createDatabase({ timers, findFactory, name }: DatabaseOptions): Database {
  let opened: Promise<IDBDatabase> | undefined
  let isSilent = false

  function disconnect(): void {
    void opened?.then(
      (database) => database.close(),
      () => undefined,
    )
    opened = undefined
  }

  async function open(mayCreate: boolean): Promise<IDBDatabase> {
    const request = findFactory().open(name)
    request.onupgradeneeded = () => {
      if (mayCreate) request.result.createObjectStore(STORE)
      else request.transaction?.abort()
    }
    const database = await promisifyRequest(request)
    // Another tab deletes the database: an open connection would hold that up.
    database.onversionchange = disconnect
    // The browser took it away: the data was cleared by hand, or the disk failed. The next call opens it anew.
    database.onclose = disconnect
    return database
  }

  async function inTime<T>(ask: () => Promise<T>): Promise<T> {
    let timer: number | undefined
    const silence = new Promise<never>((_, reject) => {
      const giveUp = (): void => {
        disconnect()
        isSilent = true
        reject(new Error('IndexedDB does not answer.'))
      }
      if (isSilent) giveUp()
      else timer = timers.setTimeout(giveUp, ANSWER_MS)
    })
    return Promise.race(isSilent ? [silence] : [ask(), silence]).finally(() => timers.clearTimeout(timer))
  }

  return {
    inTime,
    use: ({ mode, mayCreate = false }, run) =>
      inTime(async () => {
        opened ??= open(mayCreate)
        const database = await opened.catch((error) => {
          opened = undefined
          throw error
        })
        return run(database.transaction(STORE, mode).objectStore(STORE))
      }),
    close() {
      isSilent = false
      disconnect()
    },
  }
}
