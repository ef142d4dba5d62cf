import type { JourneyAnalytics } from '@helloagain/protocol'
import type { Events } from '../events/ports.ts'
import type { Recognition } from '../recognition/ports.ts'
import type { Session, Sessions } from '../sessions/ports.ts'
import { type Engagement, engagementIndicators, mergeJourneys, scoreConversion } from './policy.ts'
import type { JourneyAnalyst, JourneyState, Journeys } from './ports.ts'

export interface AnalyticsReaderParts {
  readonly sessions: Pick<Sessions, 'userData' | 'visitsOf'>
  readonly events: Pick<Events, 'activityCounts'>
}

export interface AnalyticsParts extends AnalyticsReaderParts {
  readonly journeys: Pick<Journeys, 'find'>
  readonly sessions: Pick<Sessions, 'listByUser' | 'listByVisitor' | 'userData' | 'visitsOf'>
  readonly recognition: Pick<Recognition, 'findVisitor'>
}

/** One journey with what its person did in some sessions, as the wire tells it. */
export type ReadAnalytics = (
  journey: JourneyState,
  sessions: readonly Session[],
  atMs: number,
) => Promise<JourneyAnalytics>

const visitorsOf = (sessions: readonly Session[]): string[] => [
  ...new Set(sessions.map(({ visitorId }) => visitorId)),
]

export function createAnalyticsReader({ sessions, events }: AnalyticsReaderParts): ReadAnalytics {
  async function hasProfile(own: readonly Session[]): Promise<boolean> {
    for (const session of own) {
      const data = await sessions.userData(session)
      if (data !== null && Object.keys(data).length > 0) return true
    }
    return false
  }

  async function readEngagement(journey: JourneyState, own: readonly Session[]): Promise<Engagement> {
    const visitorIds = visitorsOf(own)
    const visits = await sessions.visitsOf(journey.siteId, visitorIds)
    const counts = await events.activityCounts(visitorIds)
    const begunAtMs = journey.firstVisitAtMs
    return {
      // Somebody who has done nothing yet is on their first visit.
      visits: Math.max(1, visits.count),
      firstVisitAtMs: visits.count > 0 ? Math.min(visits.firstAtMs, begunAtMs) : begunAtMs,
      lastVisitAtMs: visits.count > 0 ? Math.max(visits.lastAtMs, begunAtMs) : begunAtMs,
      activities: new Map([...counts].map(([type, { count }]) => [type, count])),
      hasProfile: await hasProfile(own),
    }
  }

  return async (journey, own, atMs) => {
    const engagement = await readEngagement(journey, own)
    const { subjectId, userType, journeyStage, history } = journey
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
  }
}

export function createJourneyAnalytics(parts: AnalyticsParts): JourneyAnalyst {
  const { journeys, sessions, recognition } = parts
  const read = createAnalyticsReader(parts)

  /** A visitor stands for itself; a user for every visitor with a session of theirs. */
  async function findSubject(siteId: string, subjectId: string) {
    if (await recognition.findVisitor(siteId, subjectId)) {
      return { ids: [subjectId], own: await sessions.listByVisitor(siteId, subjectId) }
    }
    const own = await sessions.listByUser(siteId, subjectId)
    return own.length > 0 ? { ids: [subjectId, ...visitorsOf(own)], own } : undefined
  }

  return {
    async analytics(siteId, subjectId, atMs) {
      const subject = await findSubject(siteId, subjectId)
      if (!subject) return undefined
      const found = await Promise.all(subject.ids.map((id) => journeys.find(siteId, id)))
      const [first, ...others] = found.filter((state) => state !== undefined)
      return first && read(mergeJourneys(subjectId, [first, ...others]), subject.own, atMs)
    },
  }
}
