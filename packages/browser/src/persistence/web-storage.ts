import { quietly } from '../platform/quietly.ts'
import type { Persistence } from './persistence.ts'

/**
 * Texts in `localStorage` or `sessionStorage`.
 *
 * The storage is looked up at each use: with cookies blocked the mere mention of `window.localStorage`
 * throws a SecurityError. An empty one is not asked, so that nothing is read where nothing can be.
 */
export function createWebStorage(find: () => Storage): Persistence {
  return {
    get: (key) =>
      quietly(() => {
        const storage = find()
        return storage.length > 0 ? storage.getItem(key) : undefined
      }) ?? undefined,
    set: (key, text) =>
      !!quietly(() => {
        find().setItem(key, text)
        return true
      }),
    // Blocked storage holds nothing, so there is nothing to forget.
    remove: (key) => quietly(() => find().removeItem(key)),
    keys: () =>
      quietly(() => {
        const storage = find()
        return Array.from(storage, (_, index) => storage.key(index) ?? '')
      }) ?? [],
  }
}
