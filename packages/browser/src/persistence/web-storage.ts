import type { Persistence } from './persistence.ts'

/**
 * Texts in `localStorage` or `sessionStorage`.
 *
 * The storage is looked up at each use: with cookies blocked the mere mention of `window.localStorage`
 * throws a SecurityError. An empty one is not asked, so that nothing is read where nothing can be.
 */
export function createWebStorage(find: () => Storage): Persistence {
  return {
    get(key) {
      try {
        const storage = find()
        return storage.length > 0 ? (storage.getItem(key) ?? undefined) : undefined
      } catch {
        return undefined
      }
    },
    set(key, text) {
      try {
        find().setItem(key, text)
        return true
      } catch {
        return false
      }
    },
    remove(key) {
      try {
        find().removeItem(key)
      } catch {
        // Blocked storage holds nothing, so there is nothing to forget.
      }
    },
  }
}
