import type { Session } from '../sessions/ports.ts'

/** The session that was used last, of those that have not expired. */
export const latestLiving = (sessions: readonly Session[], nowMs: number): Session | undefined =>
  sessions.filter(({ expiresAtMs }) => expiresAtMs > nowMs).sort((a, b) => b.lastSeenAtMs - a.lastSeenAtMs)[0]
