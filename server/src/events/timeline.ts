/** What an event says of its place among those of its session. */
export interface Moment {
  readonly seq: number | null
  /** By the client's clock. */
  readonly clientMs: number
}

/** An event whose time is decided. */
export interface Placed extends Moment {
  /** By our clock. */
  readonly atMs: number
}

export interface Correction {
  /** What is added to the client's time; 0 where its clock is right enough. */
  readonly correctionMs: number
  /** The arrival, where the client said when it sent; by then all that it sent had happened. */
  readonly latestMs: number
}

/** The times of one session's events under a clock that is wrong, or was: correction never brings them out of order. */
export interface Timeline {
  /** Decides the times of events that came together, in their order. The same event gets the same time again. */
  place(events: readonly Moment[], correction: Correction): number[]
}

/** Enough for what arrives out of order; what is older yet stays before all of these. */
const MAX_KEPT = 128

/**
 * What by its own word came so long after all that is known is of a client that counts anew: Safari deletes what scripts
 * have stored after seven days without a visit, but not our cookie (https://webkit.org/tracking-prevention/, 2026-11-21).
 */
const ANEW_AFTER_MS = 48 * 3_600_000

/** By `seq`, which no clock moves; by the client's time where one has none, or both the same. */
function compare(left: Moment, right: Moment): number {
  if (left.seq !== null && right.seq !== null && left.seq !== right.seq) return left.seq - right.seq
  return left.clientMs - right.clientMs
}

/**
 * @param known the latest events that are stored, in any order
 */
export function createTimeline(known: readonly Placed[] = []): Timeline {
  /** The latest, in their order. */
  let kept = [...known].sort(compare)

  /** Where an event belongs among those kept: the number of those before it. */
  function findPlace(moment: Moment): number {
    let at = kept.length
    while (at > 0 && compare(moment, kept[at - 1] as Placed) < 0) at -= 1
    return at
  }

  /** What came late happened under the clock of the events around it, not under today's. */
  function correctionAt(place: number): number | undefined {
    const near = kept[place - 1] ?? kept[place]
    return near && near.atMs - near.clientMs
  }

  function isAnew(moment: Moment, { correctionMs, latestMs }: Correction): boolean {
    const last = kept.at(-1)
    if (!last || compare(moment, last) >= 0) return false
    return Math.min(moment.clientMs + correctionMs, latestMs) - last.atMs > ANEW_AFTER_MS
  }

  function placeOne(moment: Moment, { correctionMs, latestMs }: Correction, frontier: Placed | undefined) {
    const place = findPlace(moment)
    const before = kept[place - 1]
    if (before && compare(moment, before) === 0) return before.atMs
    const isLate = frontier !== undefined && compare(moment, frontier) < 0
    const toldMs = moment.clientMs + ((isLate ? correctionAt(place) : undefined) ?? correctionMs)
    const atMost = Math.min(toldMs, latestMs, kept[place]?.atMs ?? Number.POSITIVE_INFINITY)
    const atMs = Math.max(atMost, before?.atMs ?? Number.NEGATIVE_INFINITY)
    kept.splice(place, 0, { ...moment, atMs })
    return atMs
  }

  return {
    place(events, correction) {
      if (events.some((moment) => isAnew(moment, correction))) kept = []
      const frontier = kept.at(-1)
      // The latest first: by the clock of now they are right, and what came before them is not later.
      const order = events.map((_, index) => index)
      order.sort((left, right) => compare(events[right] as Moment, events[left] as Moment))
      const times: number[] = []
      for (const index of order) times[index] = placeOne(events[index] as Moment, correction, frontier)
      kept = kept.slice(-MAX_KEPT)
      return times
    },
  }
}
