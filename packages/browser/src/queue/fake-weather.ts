// Test support: a server that stores events by their ids, in all weathers.
import type { EventBatch } from '@helloagain/protocol'
import { type Sent, sessionAnswer } from '../fake-page.ts'

/** What becomes of one batch; `lost`: it is stored, and the answer is lost. */
export type Outcome = 'error' | 'lost' | 'partial' | 'refused' | 'stored' | 'unreachable' | 'wait'

/** What the outside is like now. */
export interface Weather {
  isOnline: boolean
  /** What becomes of batches while nothing else is said of the next one. */
  usual: Outcome
  next: Outcome[]
  retryAfterSeconds: number
  /** Batches of more events are answered 413. */
  mostEvents: number
  latencyMs: number
  beacon: 'lost' | 'refused' | 'taken'
  /** Whether the next calls fail, over and over. */
  diskRefuses: boolean[]
  databaseFails: boolean[]
  /** Whether IndexedDB never answers. */
  isDatabaseSilent: boolean
  /** Whether the server answers an id it has not seen with another. */
  isRenaming: boolean
  /** Whether sessions are opened. */
  isOpening: boolean
}

export const FAIR: Weather = {
  ...{ isOnline: true, usual: 'stored', next: [], retryAfterSeconds: 20, mostEvents: Infinity, latencyMs: 5 },
  ...{ beacon: 'taken', diskRefuses: [], databaseFails: [], isDatabaseSilent: false, isRenaming: false },
  isOpening: true,
}

/** Whether a tab still lives. */
export interface Life {
  isDead: boolean
}

interface Answered {
  status: number
  body?: unknown
  retryAfter?: string
}

const unreachable = (): TypeError => new TypeError('Failed to fetch')

export function createWeatherServer(weather: Weather) {
  /** The sessions each stored event came under, by its id. */
  const stored = new Map<string, { type: string; sessionIds: Set<string> }>()
  /** Types of events the server will not take, and the tab that asked it last. */
  const refused = new Map<string, Life>()
  const seenSessions = new Set<string>()
  let batches = 0

  function store(events: EventBatch['events'], sessionId: string): void {
    for (const { eventId = '', eventType } of events) {
      const found = stored.get(eventId) ?? { type: eventType, sessionIds: new Set() }
      stored.set(eventId, { ...found, sessionIds: found.sessionIds.add(sessionId) })
    }
  }
  function refuse(events: EventBatch['events'], life: Life, status: number): Answered {
    for (const { eventType } of events) refused.set(eventType, life)
    return { status }
  }
  function take({ headers, body }: Sent, outcome: Outcome, life: Life): Answered {
    const { events } = body as EventBatch
    const isPartial = outcome === 'partial'
    if (isPartial) refuse(events.slice(0, 1), life, 202)
    store(events.slice(isPartial ? 1 : 0), headers['X-Session-ID'] ?? '')
    if (outcome === 'lost') throw unreachable()
    const rejected = isPartial ? [{ index: 0, code: 'event.type_invalid' }] : []
    return { status: 202, body: { success: true, rejected } }
  }
  /** Throws where the answer does not arrive. */
  function answerBatch(sent: Sent, life: Life): Answered {
    const { events } = sent.body as EventBatch
    const outcome = weather.next.shift() ?? weather.usual
    batches += 1
    if (outcome === 'unreachable') throw unreachable()
    if (events.length > weather.mostEvents) return refuse(events.length > 1 ? [] : events, life, 413)
    if (outcome === 'refused') return refuse(events, life, 400)
    const failures: Partial<Record<Outcome, Answered>> = {
      error: { status: 500 },
      wait: { status: 503, retryAfter: `${weather.retryAfterSeconds}` },
    }
    return failures[outcome] ?? take(sent, outcome, life)
  }
  function answerSession({ headers }: Sent): Answered {
    if (!weather.isOpening) return { status: 503 }
    const asked = headers['X-Session-ID'] ?? ''
    const isRenamed = weather.isRenaming && !seenSessions.has(asked)
    const made = `0192f1c2-7b3a-7c4d-8e5f-${`${seenSessions.size}`.padStart(12, '0')}`
    const sessionId = isRenamed ? made : asked
    seenSessions.add(sessionId)
    return { status: 200, body: sessionAnswer({ session: { sessionId, userData: null, metadata: {} } }) }
  }

  return {
    ...{ stored, refused },
    batches: () => batches,
    /** @throws TypeError where the answer does not arrive */
    answer: (sent: Sent, life: Life): Answered =>
      sent.path === '/api/events' ? answerBatch(sent, life) : answerSession(sent),
    /** A beacon, or a fetch with `keepalive`: nobody waits for its end. */
    async takeBeacon(data: Blob): Promise<void> {
      if (weather.beacon !== 'taken' || !weather.isOnline) return
      const { events, sessionId } = JSON.parse(await data.text())
      store(events, sessionId)
    },
  }
}
