// Test support: as much of IndexedDB as the queue uses, in memory and shared between pages.
export interface FakeIndexedDb {
  /** Rows by key by the name of their database. */
  databases: Map<string, Map<string, unknown>>
  /** Makes every call fail, as private windows do. */
  isBlocked: boolean
  /** Called after a transaction was committed, before anybody hears of it. */
  onCommit?: (() => void) | undefined
  factory: IDBFactory
}

interface Answer {
  result?: unknown
  error?: unknown
  onsuccess?: () => void
  onerror?: () => void
  onupgradeneeded?: () => void
  transaction?: { abort(): void }
}

/** Answers in a later turn, as IndexedDB does. */
function answerLater(request: Answer, work: () => unknown): Answer {
  void Promise.resolve().then(() => {
    try {
      request.result = work()
    } catch (error) {
      request.error = error
      request.onerror?.()
      return
    }
    request.onsuccess?.()
  })
  return request
}

function openStore(rows: Map<string, unknown>, fake: FakeIndexedDb) {
  const ask = (work: () => unknown) => answerLater({}, work)
  const listKeys = () => [...rows.keys()].sort()
  const transaction: { oncomplete?: () => void; objectStore: () => unknown } = { objectStore: () => store }
  const store = {
    transaction,
    put: (value: unknown, key: string) => ask(() => void rows.set(key, structuredClone(value))),
    delete: (key: string) => ask(() => void rows.delete(key)),
    count: () => ask(() => rows.size),
    clear: () => ask(() => rows.clear()),
    getAll: (_range: null, most = Number.POSITIVE_INFINITY) =>
      ask(() =>
        listKeys()
          .slice(0, most)
          .map((key) => structuredClone(rows.get(key))),
      ),
  }
  void Promise.resolve()
    .then(() => undefined)
    .then(() => {
      fake.onCommit?.()
      transaction.oncomplete?.()
    })
  return transaction
}

/** @param databases to be shared with other pages */
export function createFakeIndexedDb(databases = new Map<string, Map<string, unknown>>()): FakeIndexedDb {
  const check = (): void => {
    if (fake.isBlocked) throw new DOMException('', 'InvalidStateError')
  }
  const open = (name: string): Answer => {
    const request: Answer = {}
    return answerLater(request, () => {
      check()
      const database = {
        createObjectStore: () => void databases.set(name, new Map()),
        transaction: () => {
          check()
          return openStore(databases.get(name) ?? new Map(), fake)
        },
        close() {},
      }
      if (!databases.has(name)) {
        request.result = database
        request.transaction = {
          abort() {
            throw new DOMException('', 'AbortError')
          },
        }
        request.onupgradeneeded?.()
      }
      return database
    })
  }
  const fake: FakeIndexedDb = {
    databases,
    isBlocked: false,
    // The few members that are used.
    factory: {
      open,
      databases: async () => [...databases.keys()].map((name) => ({ name, version: 1 })),
      deleteDatabase: (name: string) => answerLater({}, () => void databases.delete(name)),
    } as unknown as IDBFactory,
  }
  return fake
}
