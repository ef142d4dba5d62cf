import type { Place, Verdict } from './place.ts'

/** One visit by a profile of its own: what ours and each rival make of it. */
export interface Visited {
  /** Ours; undefined where nothing was observed, as under Global Privacy Control. */
  readonly sessionId: string | undefined
  /** Ids of the rivals, in their order. */
  readonly rivals: readonly string[]
}

/** What became of a visitor who came back in a fresh profile. */
export interface Outcome {
  /** Whether each rival gave the id of before. */
  readonly areSame: readonly boolean[]
  readonly verdict: Verdict | undefined
  /** Ours named the visitor of before. */
  readonly isRight: boolean
}

const DAYS_BETWEEN = 3
/** A network nobody came from before. */
const ELSEWHERE = '198.51.100.9'

export interface Comparison {
  readonly before: () => Promise<Visited>
  readonly after: () => Promise<Visited>
  /** Whether the second visit comes from the network of the first. */
  readonly isSameNetwork: boolean
}

/** Two visits of one machine, three days apart, and what the server says of the second one. */
export async function compare(place: Place, { before, after, isSameNetwork }: Comparison): Promise<Outcome> {
  const first = await before()
  place.sleepDays(DAYS_BETWEEN)
  if (!isSameNetwork) place.site.from = ELSEWHERE
  const second = await after()
  const known = first.sessionId && (await place.explain(first.sessionId))
  const verdict = second.sessionId === undefined ? undefined : await place.explain(second.sessionId)
  return {
    areSame: second.rivals.map((id, index) => id === first.rivals[index]),
    verdict,
    isRight: !!known && verdict?.decision?.visitorId === known.visitorId,
  }
}
