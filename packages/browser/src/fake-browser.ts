// Test support: what the tabs of one browser share.
import { createFakeIndexedDb, type FakeIndexedDb } from './fake-indexed-db.ts'

export interface FakeBrowser {
  /** localStorage. */
  local: Map<string, string>
  /** Characters localStorage takes; more throw. */
  quota: number
  indexedDb: FakeIndexedDb
  locks: LockManager
  Channel: typeof BroadcastChannel
  /** Milliseconds since 1970, for every tab. */
  nowMs: number
  /** Ids that were made so far. */
  ids: number
  /** Called with the key of each change of localStorage, and who made it. */
  watchers: Map<object, (key: string, newValue: string | null) => void>
}

function createLocks(): LockManager {
  const tails = new Map<string, Promise<unknown>>()
  const request = (name: string, work: () => Promise<unknown>): Promise<unknown> => {
    const result = (tails.get(name) ?? Promise.resolve()).then(work)
    tails.set(
      name,
      result.catch(() => undefined),
    )
    return result
  }
  // The one member that is used.
  return { request } as unknown as LockManager
}

function createChannels(): typeof BroadcastChannel {
  const open = new Set<{ name: string; onmessage?: (event: { data: unknown }) => void }>()
  class Channel {
    onmessage?: (event: { data: unknown }) => void
    readonly name: string
    constructor(name: string) {
      this.name = name
      open.add(this)
    }
    postMessage(data: unknown): void {
      for (const other of open) {
        if (other === this || other.name !== this.name) continue
        void Promise.resolve().then(() => other.onmessage?.({ data: structuredClone(data) }))
      }
    }
    close(): void {
      open.delete(this)
    }
  }
  // The few members that are used.
  return Channel as unknown as typeof BroadcastChannel
}

export const STARTED_AT_MS = Date.parse('2026-11-21T09:00:00.000Z')

export function createFakeBrowser(local = new Map<string, string>()): FakeBrowser {
  return {
    local,
    quota: Number.POSITIVE_INFINITY,
    indexedDb: createFakeIndexedDb(),
    locks: createLocks(),
    Channel: createChannels(),
    nowMs: STARTED_AT_MS,
    ids: 0,
    watchers: new Map(),
  }
}

/** localStorage as one page sees it: the others hear of its changes. */
export function openLocalStorage(browser: FakeBrowser, page: object): Storage {
  const { local } = browser
  let names: string[] = []
  const tellOthers = (key: string, newValue: string | null): void => {
    for (const [other, tell] of browser.watchers) {
      if (other !== page) void Promise.resolve().then(() => tell(key, newValue))
    }
  }
  return {
    get length() {
      return local.size
    },
    clear: () => local.clear(),
    getItem: (key) => local.get(key) ?? null,
    key(index) {
      // Listed once for each look at all keys.
      if (index === 0) names = [...local.keys()]
      return names[index] ?? null
    },
    removeItem(key) {
      if (local.delete(key)) tellOthers(key, null)
    },
    setItem(key, text) {
      if (browser.quota < Number.POSITIVE_INFINITY) {
        let used = key.length + text.length
        for (const [name, value] of local) if (name !== key) used += name.length + value.length
        if (used > browser.quota) throw new DOMException('', 'QuotaExceededError')
      }
      local.set(key, text)
      tellOthers(key, text)
    },
  }
}
