import type { Events } from '../events/ports.ts'
import type { Recognition } from '../recognition/ports.ts'
import type { Session, Sessions } from '../sessions/ports.ts'
import { type Engagement, engagementIndicators, mergeJourneys, scoreConversion } from './policy.ts'
import type { JourneyAnalyst, JourneyState, Journeys } from './ports.ts'

export interface AnalyticsParts {
  readonly journeys: Pick<Journeys, 'find'>
  readonly sessions: Pick<Sessions, 'listByUser' | 'listByVisitor' | 'userData' | 'visitsOf'>
  readonly events: Pick<Events, 'activityCounts'>
  readonly recognition: Pick<Recognition, 'findVisitor'>
}

interface Subject {
  readonly visitorIds: readonly string[]
  readonly sessions: readonly Session[]
}

export function createJourneyAnalytics(parts: AnalyticsParts): JourneyAnalyst {
  const { journeys, sessions, events, recognition } = parts

  /** A visitor stands for itself; a user for every visitor with a session of theirs. */
  async function findSubject(siteId: string, subjectId: string): Promise<Subject | undefined> {
    if (await recognition.findVisitor(siteId, subjectId)) {
      return { visitorIds: [subjectId], sessions: await sessions.listByVisitor(siteId, subjectId) }
    }
    const linked = await sessions.listByUser(siteId, subjectId)
    if (linked.length === 0) return undefined
    return { visitorIds: [...new Set(linked.map(({ visitorId }) => visitorId))], sessions: linked }
  }

  async function findJourney(siteId: string, ids: readonly string[]): Promise<JourneyState | undefined> {
    const found = await Promise.all(ids.map((id) => journeys.find(siteId, id)))
    const [first, ...others] = found.filter((state) => state !== undefined)
    return first && mergeJourneys(ids[0] ?? first.subjectId, [first, ...others])
  }

  async function hasProfile(of: readonly Session[]): Promise<boolean> {
    for (const session of of) {
      const data = await sessions.userData(session)
      if (data !== null && Object.keys(data).length > 0) return true
    }
    return false
  }

  async function readEngagement(
    siteId: string,
    subject: Subject,
    journey: JourneyState,
  ): Promise<Engagement> {
    const visits = await sessions.visitsOf(siteId, subject.visitorIds)
    const counts = await events.activityCounts(subject.visitorIds)
    return {
      // A visitor that has done nothing yet is on its first visit.
      visits: Math.max(1, visits.count),
      firstVisitAtMs:
        visits.count > 0 ? Math.min(visits.firstAtMs, journey.firstVisitAtMs) : journey.firstVisitAtMs,
      lastVisitAtMs: Math.max(visits.lastAtMs, journey.firstVisitAtMs),
      activities: new Map([...counts].map(([type, { count }]) => [type, count])),
      hasProfile: await hasProfile(subject.sessions),
    }
  }

  return {
    async analytics(siteId, subjectId, atMs) {
      const subject = await findSubject(siteId, subjectId)
      if (!subject) return undefined
      const journey = await findJourney(siteId, [...new Set([subjectId, ...subject.visitorIds])])
      if (!journey) return undefined
      const engagement = await readEngagement(siteId, subject, journey)
      const { userType, journeyStage, history } = journey
      return {
        user_id: subjectId,
        user_type: userType,
        current_type: userType,
        journey_stage: journeyStage,
        current_stage: journeyStage,
        conversion_score: scoreConversion({ ...engagement, userType, journeyStage }, atMs),
        engagement_indicators: engagementIndicators(engagement, atMs),
        total_sessions: engagement.visits,
        first_visit_at: new Date(engagement.firstVisitAtMs).toISOString(),
        progression_history: [...history],
      }
    },
  }
}
