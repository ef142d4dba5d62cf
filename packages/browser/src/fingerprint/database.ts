import { promisifyRequest } from 'idb-keyval'

/**
 * Name of the IndexedDB database that holds a copy of the last observation and the device key. It is deleted as a whole:
 * after a refusal nothing of ours is left in the browser.
 */
export const FINGERPRINT_DATABASE = 'helloagain'

const STORE = 'fingerprint'

// Safari's may stay silent for as long as the page lives. https://bugs.webkit.org/show_bug.cgi?id=226547 (2021-06)
const ANSWER_MS = 2000

/**
 * Opens the database for one transaction: a connection left open would keep it from being deleted. Rejects where the
 * browser refuses or does not answer in time.
 */
export async function briefly<T>(
  factory: IDBFactory,
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => Promise<T>,
): Promise<T> {
  const work = async (): Promise<T> => {
    const request = factory.open(FINGERPRINT_DATABASE)
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE)
    const database = await promisifyRequest(request)
    try {
      return await run(database.transaction(STORE, mode).objectStore(STORE))
    } finally {
      database.close()
    }
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('IndexedDB does not answer.')), ANSWER_MS)
  })
  return Promise.race([work(), silence]).finally(() => clearTimeout(timer))
}
