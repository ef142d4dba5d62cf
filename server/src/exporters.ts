import type { EventLog } from './events/ports.ts'
import type { Journeys } from './journey/ports.ts'
import type { Sessions } from './sessions/ports.ts'

// The newest: all that went before can be asked for page by page.
const EVENTS_PER_SESSION = 500

export interface ExporterParts {
  readonly holdings: (siteId: string, visitorId: string) => Promise<unknown>
  readonly journeys: Pick<Journeys, 'find' | 'view'>
  readonly sessions: Pick<Sessions, 'listByVisitor'>
  readonly eventLog: Pick<EventLog, 'listBySession'>
}

/** What the rooms beside sessions hold of a visitor, by room. */
export const createExporters = ({ holdings, journeys, sessions, eventLog }: ExporterParts) => ({
  recognition: holdings,
  async journey(siteId: string, visitorId: string) {
    const journey = await journeys.find(siteId, visitorId)
    return journey ? journeys.view(journey) : null
  },
  async events(siteId: string, visitorId: string) {
    const bySession = []
    for (const { sessionId } of await sessions.listByVisitor(siteId, visitorId)) {
      const { events, nextBefore } = await eventLog.listBySession(siteId, sessionId, {
        limit: EVENTS_PER_SESSION,
      })
      const more = nextBefore && `/api/sessions/${sessionId}/events?before=${nextBefore}`
      if (events.length > 0) bySession.push({ sessionId, events, more })
    }
    return bySession
  },
})
