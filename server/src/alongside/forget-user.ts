import { Problem } from '../platform/http/problem.ts'
import type { Session } from '../sessions/ports.ts'
import type { HostUser, UsersAdapter } from './ports.ts'
import { JOURNEY_KEY } from './preferences-book.ts'

const MAX_ATTEMPTS = 10

export interface ForgetUserParts {
  readonly users: Pick<UsersAdapter, 'readPreferences' | 'writePreferences'>
  readonly listSessions: (userId: string) => Promise<Session[]>
  /** Deletes a session's visitor from every room. */
  readonly erase: (session: Session) => Promise<unknown>
}

export type ForgetUser = (user: HostUser) => Promise<void>

/** Deletes what Hello Again holds of a user: sessions, events and profile in our tables, the journey in theirs. */
export function createForgetUser({ users, listSessions, erase }: ForgetUserParts): ForgetUser {
  async function dropJourney(id: string): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const preferences = await users.readPreferences(id)
      if (preferences?.value[JOURNEY_KEY] === undefined) return
      const { [JOURNEY_KEY]: _, ...rest } = preferences.value
      if (await users.writePreferences(id, rest, preferences.version)) return
    }
    throw new Problem('server.busy', { retryAfterSeconds: 1 })
  }

  return async (user) => {
    const id = String(user.id)
    for (const session of await listSessions(id)) await erase(session)
    await dropJourney(id)
  }
}
