import type { Journey, ProgressAnswer, SessionAnswer, SessionView, UserData } from '@helloagain/protocol'
import type { Held } from './held-sessions.ts'

/** What a browser without proof is told of a session, whether there is one or not. */
export const unprovenView = (sessionId: string): SessionView => ({
  ...{ sessionId, userId: null, userData: null, lastSeen: null },
  metadata: {},
})

const tellable = (userData: UserData): UserData | null =>
  Object.keys(userData).length > 0 ? { ...userData } : null

export const provenView = ({ sessionId, userData, metadata }: Held): SessionView => ({
  ...{ sessionId, userId: null, userData: tellable(userData) },
  lastSeen: new Date().toISOString(),
  metadata,
})

export const progressAnswer = (name: string, state: unknown): ProgressAnswer => ({
  success: true,
  progress: { name, state, updatedAt: new Date().toISOString() },
})

/** What only the session's own browser is told. */
export function openedView(
  held: Held,
): Pick<SessionAnswer, 'journey' | 'recognition' | 'session' | 'visitor'> {
  const { openedAt, recognition, visitorId, wasHere } = held
  const journey: Journey = {
    user_type: wasHere ? 'returning' : 'anonymous',
    journey_stage: 'first_visit',
    first_visit_at: openedAt,
    progression_history: [],
  }
  const visitor = { visitorId, firstSeenAt: openedAt, lastSeenAt: new Date().toISOString(), visits: 1 }
  return { session: provenView(held), visitor, recognition, journey }
}
