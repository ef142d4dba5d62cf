import type { Persistence } from './persistence.ts'

/** Texts that live as long as the page. */
export function createMemoryStorage(): Persistence {
  const texts = new Map<string, string>()
  return {
    get: (key) => texts.get(key),
    set(key, text) {
      texts.set(key, text)
      return true
    },
    remove(key) {
      texts.delete(key)
    },
    keys: () => [...texts.keys()],
  }
}
