import { randomInt } from 'node:crypto'

/** Rollups count by quarters of an hour, UTC: the finest step in which time zones differ. */
export const QUARTER_MS = 15 * 60_000
/** So many servers can count at once with little queueing for one row. */
const SHARDS = 16

/** What names a count; see `event_rollups` in `tables.ts`. */
export interface RollupKey {
  readonly siteId: string
  readonly quarterMs: number
  readonly eventType: string
}

/** How many events, and how many of them came unproven. */
export interface RollupCount extends RollupKey {
  events: number
  unproven: number
}

export interface Countable {
  readonly siteId: string
  readonly eventType: string
  readonly timestampMs: number
  readonly receivedAtMs: number
  readonly isProven: boolean
}

/** The part of the counts that a process adds to. */
export const chooseShard = (): number => randomInt(SHARDS)

/** Start of the quarter an event counts for: when it happened, but never ahead of its arrival. */
function quarterOf({ timestampMs, receivedAtMs }: Pick<Countable, 'receivedAtMs' | 'timestampMs'>) {
  const atMs = Math.min(timestampMs, receivedAtMs)
  return atMs - (atMs % QUARTER_MS)
}

const textOrder = (left: string, right: string) => (left < right ? -1 : Number(left > right))

/** The one order in which every server writes counts, so that none waits for another in a circle. */
export const inOrder = (left: RollupKey, right: RollupKey): number =>
  textOrder(left.siteId, right.siteId) ||
  left.quarterMs - right.quarterMs ||
  textOrder(left.eventType, right.eventType)

export const keyOf = ({ siteId, quarterMs, eventType }: RollupKey): string =>
  `${siteId}\n${quarterMs}\n${eventType}`

/** Sums up events, in the order in which counts are written. */
export function countQuarters(events: Iterable<Countable>): RollupCount[] {
  const counts = new Map<string, RollupCount>()
  for (const event of events) {
    const { siteId, eventType, isProven } = event
    const named = { siteId, eventType, quarterMs: quarterOf(event) }
    const key = keyOf(named)
    let count = counts.get(key)
    if (!count) {
      count = { ...named, events: 0, unproven: 0 }
      counts.set(key, count)
    }
    count.events += 1
    if (!isProven) count.unproven += 1
  }
  return [...counts.values()].sort(inOrder)
}
