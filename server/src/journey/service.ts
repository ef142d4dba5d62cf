import { UserJourneyStage, UserType } from '@helloagain/protocol'
import { Problem } from '../platform/http/problem.ts'
import { beginJourney, planStep } from './policy.ts'
import type { JourneyBook, Journeys } from './ports.ts'

/** A writer that loses reads again; with two stages ahead of it at most, it can hardly lose this often. */
const MAX_ATTEMPTS = 10

/**
 * Moves journeys forward, by compare-and-swap: racing writers lose nothing and write no step twice.
 *
 * @throws Problem `server.busy` where others were faster ten times in a row
 */
export function createJourneys({ book }: { book: JourneyBook }): Journeys {
  const progress: Journeys['progress'] = async (move) => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const found = await book.find(move.siteId, move.subjectId)
      const step = planStep(found, move)
      if (!step) return found ?? beginJourney(move.siteId, move.subjectId, move.atMs)
      if (await book.save(step.next, step.expectedVersion, step.transition)) return step.next
    }
    throw new Problem('server.busy', { retryAfterSeconds: 1 })
  }

  return {
    progress,
    begin: (siteId, subjectId, atMs) => progress({ siteId, subjectId, target: {}, atMs }),
    promoteToReturning: (siteId, subjectId, atMs) =>
      progress({
        siteId,
        subjectId,
        target: { newType: UserType.RETURNING, newStage: UserJourneyStage.ENGAGED },
        atMs,
      }),
    promoteToRegistered: (siteId, subjectId, atMs) =>
      progress({
        siteId,
        subjectId,
        target: { newType: UserType.REGISTERED, newStage: UserJourneyStage.CONVERTED },
        atMs,
      }),
    find: (siteId, subjectId) => book.find(siteId, subjectId),
    view: ({ userType, journeyStage, firstVisitAtMs, history }) => ({
      user_type: userType,
      journey_stage: journeyStage,
      first_visit_at: new Date(firstVisitAtMs).toISOString(),
      progression_history: [...history],
    }),
  }
}
