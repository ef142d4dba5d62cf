import type { HotSession } from '../sessions/ports.ts'
import type { Arrival, EventLog } from './ports.ts'
import { createTimeline, type Moment, type Timeline } from './timeline.ts'

/** Below this the difference of the clocks is mostly the time of travel (PostHog #98250), and is left alone. */
const MIN_SKEW_MS = 60_000

/** What is added to the time of a clock that is behind ours by so much. */
const correctionOf = (offsetMs: number | null): number =>
  offsetMs !== null && Math.abs(offsetMs) > MIN_SKEW_MS ? offsetMs : 0

/**
 * How far a client's clock is behind ours, after one more reading (received − sent). Travel only adds to a reading: the
 * smallest is the best. One that is more than a minute larger is of a clock that was set.
 */
export function learnOffset(keptMs: number | null, readingMs: number): number {
  if (keptMs === null || readingMs < keptMs || readingMs - keptMs > MIN_SKEW_MS) return readingMs
  return keptMs
}

/** Kept timelines; some 10 KB each where a session has sent much. */
const MAX_TIMELINES = 5000

/** Decides when the events of a request happened, by our clock. */
type PlaceEvents = (session: HotSession, events: readonly Moment[], arrival: Arrival) => Promise<number[]>

const readingOf = ({ receivedAtMs, sentAtMs }: Pick<Arrival, 'receivedAtMs' | 'sentAtMs'>) =>
  sentAtMs === null ? null : receivedAtMs - sentAtMs

const latestMsOf = ({ receivedAtMs, sentAtMs }: Arrival) =>
  sentAtMs === null ? Number.POSITIVE_INFINITY : receivedAtMs

/** What a single request tells of its clock; the basis of what cannot be told of a session. */
export const correctionOfRequest = (arrival: Pick<Arrival, 'receivedAtMs' | 'sentAtMs'>): number =>
  correctionOf(readingOf(arrival))

/** Nothing happens after it was sent: what says so was told by a clock that has been set since. */
const isAhead = (events: readonly Moment[], sentAtMs: number | null) =>
  sentAtMs !== null && events.some(({ clientMs }) => clientMs > sentAtMs + MIN_SKEW_MS)

export function createPlaceEvents({ listLatest }: Pick<EventLog, 'listLatest'>): PlaceEvents {
  // Of sessions whose clock is wrong, or was, in the order of last use. The others' times are left alone, whatever `seq`
  // says: a client may count as it likes.
  const timelines = new Map<HotSession, Promise<Timeline>>()

  function open({ siteId, sessionId }: HotSession): Promise<Timeline> {
    return listLatest(siteId, sessionId).then(createTimeline)
  }

  /** Known, or of what is stored; what was unused for longest is forgotten, and read again when it is asked for. */
  async function find(session: HotSession): Promise<Timeline> {
    const found = timelines.get(session) ?? open(session)
    timelines.delete(session)
    timelines.set(session, found)
    const [oldest] = timelines.keys()
    if (timelines.size > MAX_TIMELINES && oldest) timelines.delete(oldest)
    try {
      return await found
    } catch (error) {
      timelines.delete(session)
      throw error
    }
  }

  function placeAlone(events: readonly Moment[], arrival: Arrival): number[] {
    const correctionMs = correctionOfRequest(arrival)
    if (correctionMs === 0) return events.map(({ clientMs }) => clientMs)
    return createTimeline().place(events, { correctionMs, latestMs: latestMsOf(arrival) })
  }

  return async (session, events, arrival) => {
    // Somebody else's clock, or nobody's who may be known again: it speaks for this request alone.
    if (arrival.isFromDevice !== true || session.mode === 'cookieless') return placeAlone(events, arrival)
    const before = session.clockOffsetMs
    const readingMs = readingOf(arrival)
    // Kept before the events are: should they not be stored, the clock is still what it is.
    if (readingMs !== null) session.clockOffsetMs = learnOffset(before, readingMs)
    const isSet = before !== null && Math.abs((session.clockOffsetMs ?? before) - before) > MIN_SKEW_MS
    const correctionMs = correctionOf(session.clockOffsetMs)
    const isWrong = correctionMs !== 0 || correctionOf(before) !== 0 || isSet
    if (!timelines.has(session) && !isWrong && !isAhead(events, arrival.sentAtMs))
      return events.map(({ clientMs }) => clientMs)
    const timeline = await find(session)
    return timeline.place(events, { correctionMs, latestMs: latestMsOf(arrival) })
  }
}
