import { type Contender, isOurs } from './contenders.ts'
import type { Lane } from './lane.ts'
import { type Arrival, markerOf } from './read-events.ts'

export const EVENTS = 20

/** What became of the events of one cell. */
export interface Ledger {
  readonly markers: readonly string[]
  /** Events that are kept so far: ours in the server's database, the others' received by the collector. */
  countKept(): number
  /** Copies on the wire beyond the first of each. */
  countResent(): number
  /** Copies beyond the first of each: ours in the database; the others' that no back end could tell by an id. */
  countStoredTwice(): number
}

const countCopies = (markers: readonly string[]): number => markers.length - new Set(markers).size

/** One for each copy a back end would store that goes by the id; by the place where there is none. */
const dropCopies = (arrivals: readonly Arrival[]): readonly Arrival[] => [
  ...new Map(arrivals.map((arrival, n) => [`${arrival.marker} ${arrival.id ?? n}`, arrival])).values(),
]

export function openLedger({ collector, helloAgain }: Lane, contender: Contender, cell: number): Ledger {
  const markers = Array.from({ length: EVENTS }, (_, n) => markerOf(cell, n))
  const isOfCell = (marker: string) => markers.includes(marker)
  const arrivals = () => collector.arrivals.filter(({ marker }) => isOfCell(marker))
  const arrived = () => arrivals().map(({ marker }) => marker)
  const stored = () =>
    isOurs(contender)
      ? helloAgain.listStored(markerOf(cell, '')).filter(isOfCell)
      : dropCopies(arrivals()).map(({ marker }) => marker)
  return {
    markers,
    countKept: () => new Set(stored()).size,
    countResent: () => countCopies(arrived()),
    countStoredTwice: () => countCopies(stored()),
  }
}
