import type { RecognitionMethod } from '@helloagain/protocol'
import { type Persistence, readJson } from '../persistence/persistence.ts'

/** How somebody was recognised: all that is remembered in the browser, nothing of who it is. */
export interface Recognised {
  method: RecognitionMethod
  isReturning: boolean
}

export interface OpenedSession extends Recognised {
  sessionId: string
  openedAtMs: number
}

/** What this tab remembers of the session it opened, until the tab closes. */
export interface BrowsingSession {
  /** The session this tab opened, if it did so at most `maxAgeMs` ago under the same id. */
  findOpened(sessionId: string, nowMs: number): OpenedSession | undefined
  remember(opened: OpenedSession): void
}

export function createBrowsingSession(store: Persistence, key: string, maxAgeMs: number): BrowsingSession {
  return {
    findOpened(sessionId, nowMs) {
      const { openedAtMs = 0, ...opened } = readJson<OpenedSession>(store, key) ?? {}
      const ageMs = nowMs - openedAtMs
      if (opened.sessionId !== sessionId || ageMs < 0 || ageMs > maxAgeMs || !opened.method) return undefined
      return { sessionId, openedAtMs, method: opened.method, isReturning: opened.isReturning === true }
    },
    remember(opened) {
      store.set(key, JSON.stringify(opened))
    },
  }
}
