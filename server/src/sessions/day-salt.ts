import { createHmac, randomBytes } from 'node:crypto'

const DAY_MS = 86_400_000

/** Ids that hold for one day and that nobody can make again afterwards. */
export interface DaySalt {
  /** A UUID for a text, the same one until midnight UTC. */
  id(text: string): string
}

/**
 * The salt of cookieless sessions: random, in memory only, dropped at midnight UTC. Not even this server can tell
 * afterwards which sessions of two days were one browser's. Each process groups by its own, and a restart begins anew.
 */
export function createDaySalt(nowMs: () => number): DaySalt {
  let day = -1
  let salt = Buffer.alloc(0)
  return {
    id(text) {
      const today = Math.floor(nowMs() / DAY_MS)
      if (today !== day) {
        day = today
        salt = randomBytes(32)
      }
      const hex = createHmac('sha256', salt).update(text).digest('hex')
      // RFC 9562 §5.8: version 8 is for ids of one's own making.
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
    },
  }
}
