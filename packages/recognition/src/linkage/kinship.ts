import type { PreparedCandidate } from './prepared.ts'
import type { Weighed, Weighing } from './weigh.ts'

/** Candidates among which one browser's several visitors are looked for; the others fit too badly to matter. */
const MOST_KIN = 12

/**
 * A visit's longest pause, half an hour. Within one visit nobody comes back: whoever begins as a visitor so soon after
 * another was seen is somebody else at the same computer.
 */
const ONE_VISIT_DAYS = 1 / 48

/** By older and younger: the probability that they are one browser. */
export type Kinships = ReadonlyMap<number, ReadonlyMap<number, number>>

/** Which candidates may be one browser that was not recognised. */
export function kinships({ weighed, oddsOfReturn }: Weighing): Kinships {
  const fitting = [...weighed.keys()]
    .sort((left, right) => (weighed[right]?.bits ?? 0) - (weighed[left]?.bits ?? 0))
    .slice(0, MOST_KIN)
  const same = new Map<number, Map<number, number>>()
  for (const at of fitting) {
    const row = new Map<number, number>()
    same.set(at, row)
    const older = weighed[at]
    for (const index of fitting) {
      const younger = weighed[index]
      if (at === index || !older || !younger) continue
      const probability = probablySame(older, younger, oddsOfReturn)
      if (probability > 0) row.set(index, probability)
    }
  }
  return same
}

/** By candidate, how many of the others it probably is. */
export function countAgain(same: Kinships, candidates: number): number[] {
  const again = new Array<number>(candidates).fill(0)
  for (const [older, row] of same) {
    for (const [younger, probability] of row) {
      again[older] = (again[older] ?? 0) + probability
      again[younger] = (again[younger] ?? 0) + probability
    }
  }
  return again
}

/** Probability that a younger visitor is an older one. Only lives that do not overlap may be one browser's. */
function probablySame(older: Weighed, younger: Weighed, oddsOfReturn: Weighing['oddsOfReturn']): number {
  const gapDays = older.candidate.gapDays - younger.candidate.ageDays
  if (gapDays <= ONE_VISIT_DAYS) return 0
  // They agree with each other no further than the one that agrees less.
  const strangers = Math.max(older.strangers, younger.strangers)
  const odds = (oddsOfReturn(older.candidate, gapDays) * 2 ** turningBits(older, younger)) / strangers
  return odds / (1 + odds)
}

/** Log2 of how likely one turned into the other: by their differences from what is seen now. */
function turningBits(left: Weighed, right: Weighed): number {
  const covers = (one: PreparedCandidate, other: PreparedCandidate) =>
    other.changed.every((signal) => one.changed.includes(signal))
  return covers(left.candidate, right.candidate) || covers(right.candidate, left.candidate)
    ? -Math.abs(left.bits - right.bits)
    : left.bits + right.bits
}
