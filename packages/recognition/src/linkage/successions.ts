import { gapBucket } from './gaps.ts'
import { matchingMarginals, type Pair } from './matching.ts'
import type { PreparedCandidate } from './prepared.ts'
import type { Weighed, Weighing } from './weigh.ts'

/** Candidates among which one browser's several visitors are looked for; the others fit too badly to matter. */
const MOST_TRACED = 16
/** Less makes no difference. */
const LEAST_ODDS = 1e-3
const LEAST_STEP = 1e-3

/**
 * A visit's longest pause, half an hour. Within one visit nobody comes back: whoever begins as a visitor so soon after
 * another was seen is somebody else at the same computer.
 */
const ONE_VISIT_DAYS = 1 / 48

/**
 * Which candidates are one browser that was not recognised. Each began as nobody known, or as what one before it came
 * back as; and nobody comes back as two.
 */
export interface Successions {
  /** By candidate: that it came back as none of the others. */
  readonly isLast: readonly number[]
  /** By candidate: that it came as none of the others before. */
  readonly isFirst: readonly number[]
  /** By candidate and an earlier one: the probability that they are one browser. */
  readonly same: ReadonlyMap<number, ReadonlyMap<number, number>>
}

/** Traces which candidates followed which. */
export function trace(weighing: Weighing): Successions {
  const { weighed } = weighing
  const fitting = [...weighed.keys()]
    .sort((left, right) => (weighed[right]?.bits ?? 0) - (weighed[left]?.bits ?? 0))
    .slice(0, MOST_TRACED)
    // In the order in which they were seen last: whoever came before stands before.
    .sort((left, right) => (weighed[right]?.candidate.gapDays ?? 0) - (weighed[left]?.candidate.gapDays ?? 0))
  const pairs: Pair[] = []
  fitting.forEach((at, younger) => {
    for (let older = 0; older < younger; older++) {
      const odds = oddsOfSuccession(weighed[fitting[older] ?? -1], weighed[at], weighing)
      if (odds > LEAST_ODDS) pairs.push({ left: younger, right: older, odds })
    }
  })
  const { matched, leftFree, rightFree } = matchingMarginals(pairs, fitting.length)
  const isFirst = new Array<number>(weighed.length).fill(1)
  const isLast = new Array<number>(weighed.length).fill(1)
  fitting.forEach((at, place) => {
    isFirst[at] = leftFree[place] ?? 1
    isLast[at] = rightFree[place] ?? 1
  })
  const steps = pairs.map(
    ({ left, right }, at): Step => ({
      from: fitting[left] ?? 0,
      to: fitting[right] ?? 0,
      probability: matched[at] ?? 0,
    }),
  )
  return { isFirst, isLast, same: follow(steps) }
}

/** That one is what another came back as. */
interface Step {
  readonly from: number
  readonly to: number
  readonly probability: number
}

/** Who is reached by going back from each; steps come in the order of time, so that all before one is settled. */
function follow(steps: readonly Step[]): Successions['same'] {
  const same = new Map<number, Map<number, number>>()
  for (const { from, to, probability } of steps) {
    if (probability < LEAST_STEP) continue
    const reached = same.get(from) ?? new Map<number, number>()
    same.set(from, reached)
    reached.set(to, (reached.get(to) ?? 0) + probability)
    for (const [before, chance] of same.get(to) ?? []) {
      reached.set(before, (reached.get(before) ?? 0) + probability * chance)
    }
  }
  return same
}

/** Odds that a younger visitor is what an older one came back as. Only lives that do not overlap may be one browser's. */
function oddsOfSuccession(
  older: Weighed | undefined,
  younger: Weighed | undefined,
  { oddsOfReturn, rhythm, returners }: Weighing,
): number {
  if (!older || !younger) return 0
  const gapDays = older.candidate.gapDays - younger.candidate.ageDays
  if (gapDays <= ONE_VISIT_DAYS) return 0
  // They agree with each other no further than the one that agrees less.
  const strangers = Math.max(older.strangers, younger.strangers)
  const { pace } = older
  // Share of those that come back at this pace who take longer.
  const ahead = (days: number) =>
    (rhythm.ahead[gapBucket(days)] ?? 0) * Math.exp((-(pace - 1) * days) / rhythm.meanGapDays)
  // That it came again at all, and after so long, against that nobody came for it until now.
  const cameThen = (pace * ahead(gapDays)) / (1 - returners + returners * ahead(older.candidate.gapDays))
  return (oddsOfReturn(older.candidate, gapDays) * cameThen * 2 ** turningBits(older, younger)) / strangers
}

/** Log2 of how likely one turned into the other: by their differences from what is seen now. */
function turningBits(left: Weighed, right: Weighed): number {
  const covers = (one: PreparedCandidate, other: PreparedCandidate) =>
    other.changed.every((signal) => one.changed.includes(signal))
  return covers(left.candidate, right.candidate) || covers(right.candidate, left.candidate)
    ? -Math.abs(left.bits - right.bits)
    : left.bits + right.bits
}

/** How probably two candidates are one browser, whichever is the older. */
export const sameBrowser = ({ same }: Pick<Successions, 'same'>, at: number, other: number): number =>
  same.get(at)?.get(other) ?? same.get(other)?.get(at) ?? 0

/** By candidate, how many of the others it probably is. */
export function countAgain({ same }: Successions, candidates: number): number[] {
  const again = new Array<number>(candidates).fill(0)
  for (const [younger, row] of same) {
    for (const [older, probability] of row) {
      again[older] = (again[older] ?? 0) + probability
      again[younger] = (again[younger] ?? 0) + probability
    }
  }
  return again
}
