import { VISIT_GAP_MS } from '@helloagain/protocol'
import type { HotSession, HotSessions } from './ports.ts'

interface Kept {
  readonly session: HotSession
  untilMs: number
}

export interface MemoryHotSessionsOptions {
  readonly nowMs: () => number
  /** Beyond it the one unused for longest goes; it is read from the database again when it speaks. */
  readonly maxSessions: number
}

/** Hot sessions of one process. A Redis driver passes the same contract test. */
export function createMemoryHotSessions({ nowMs, maxSessions }: MemoryHotSessionsOptions): HotSessions {
  // Iterates in order of last use: each use moves its entry to the end.
  const kept = new Map<string, Kept>()
  const keyOf = (siteId: string, sessionId: string) => `${siteId}/${sessionId}`

  function put(key: string, session: HotSession): void {
    kept.delete(key)
    kept.set(key, { session, untilMs: nowMs() + VISIT_GAP_MS })
    if (kept.size <= maxSessions) return
    const [oldest] = kept.keys()
    if (oldest !== undefined) kept.delete(oldest)
  }

  return {
    get(siteId, sessionId) {
      const key = keyOf(siteId, sessionId)
      const entry = kept.get(key)
      if (!entry) return undefined
      if (entry.untilMs <= nowMs()) {
        kept.delete(key)
        return undefined
      }
      put(key, entry.session)
      return entry.session
    },
    set: (session) => put(keyOf(session.siteId, session.sessionId), session),
    drop: (siteId, sessionId) => void kept.delete(keyOf(siteId, sessionId)),
  }
}
