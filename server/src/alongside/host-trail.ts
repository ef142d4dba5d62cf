import type { EventInput } from '@helloagain/protocol'
import type { Events } from '../events/ports.ts'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import type { SiteIdentity } from '../platform/http/context.ts'
import { createServerContext } from '../server-context.ts'
import type { Session, Sessions } from '../sessions/ports.ts'

/** What the application's users did, kept in our own tables under ids of ours. */
export interface HostTrail {
  note(userId: string, event: EventInput, atMs: number): Promise<void>
  /** Oldest first. */
  list(userId: string): Promise<Session[]>
}

export interface HostTrailParts {
  readonly site: SiteIdentity
  readonly keys: Pick<ServerKeys, 'mac'>
  readonly sessions: Pick<Sessions, 'findBySessionId' | 'openForEvents'>
  readonly events: Pick<Events, 'note'>
}

/** A UUID of our own making (version 8, RFC 9562 §5.8). */
function toUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * Gives each user of the application sessions whose ids follow from the user's id by HMAC: found again without a
 * table that maps ids, and telling nobody who reads ours whose they are. When one has expired the next begins.
 */
export function createHostTrail({ site, keys, sessions, events }: HostTrailParts): HostTrail {
  const sessionIdOf = (userId: string, turn: number) =>
    toUuid(keys.mac('alongside-session', JSON.stringify([site.id, userId, turn])))

  async function list(userId: string): Promise<Session[]> {
    const found: Session[] = []
    for (;;) {
      const session = await sessions.findBySessionId(site.id, sessionIdOf(userId, found.length))
      if (!session) return found
      found.push(session)
    }
  }

  return {
    list,
    async note(userId, event, atMs) {
      const known = await list(userId)
      const last = known.at(-1)
      const turn = last && last.expiresAtMs > atMs ? known.length - 1 : known.length
      const sessionId = sessionIdOf(userId, turn)
      const context = createServerContext({ site, nowMs: atMs, sessionId })
      const { session } = await sessions.openForEvents(context, sessionId, 'recognition')
      await events.note(session, event, atMs)
    },
  }
}
