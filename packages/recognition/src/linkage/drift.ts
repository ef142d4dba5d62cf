import type { SignalGroup, SignalName } from '../signals.ts'
import { FACET_NAMES, FACETS, GROUP_OF } from './facets.ts'
import type { Figures } from './figures.ts'
import { GAP_MIDDLES_DAYS } from './gaps.ts'

/** Where no rate was published: one browser in ten changes it, once in five months. */
const UNPUBLISHED = [
  [0.9, 0.0002],
  [0.1, 0.007],
] as const

/** Probability that a signal still has a remembered value, by gap bucket. */
export function agreementIn(signal: SignalName, bucket: number, figures: Figures): number {
  const learned = figures.agreement[`${signal}|${bucket}`]
  if (learned !== undefined) return learned
  const gapDays = GAP_MIDDLES_DAYS[bucket] ?? 0
  // A mixture, since rates are heavy-tailed: few browsers make most of the changes.
  let kept = 0
  for (const [share, perDay] of figures.drift[signal] ?? UNPUBLISHED)
    kept += share * Math.exp(-perDay * gapDays)
  return kept * (1 - figures.changeAtOnce)
}

/** Log2 of the probability that a value is kept, and that it is not, by gap bucket. */
export interface DriftBits {
  /** Whose causes move it together. */
  readonly group: SignalGroup
  readonly kept: readonly number[]
  readonly changed: readonly number[]
}

type DriftTable = ReadonlyMap<SignalName, DriftBits>

/** Worked out once for the same figures. */
const tables = new WeakMap<Figures, DriftTable>()

/** What keeping and changing each signal is worth. */
export function driftTable(figures: Figures): DriftTable {
  const before = tables.get(figures)
  if (before !== undefined) return before
  const table = new Map<SignalName, DriftBits>()
  for (const facet of FACET_NAMES) {
    for (const signal of FACETS[facet]) {
      const kept = GAP_MIDDLES_DAYS.map((_, bucket) => agreementIn(signal, bucket, figures))
      table.set(signal, {
        group: GROUP_OF[facet],
        kept: kept.map(Math.log2),
        changed: kept.map((share) => Math.log2(1 - share)),
      })
    }
  }
  tables.set(figures, table)
  return table
}
