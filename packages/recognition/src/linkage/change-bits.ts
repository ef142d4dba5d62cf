import type { SignalGroup, SignalName } from '../signals.ts'
import type { Comparison } from './compare.ts'
import { type DriftBits, driftTable } from './drift.ts'
import { FACETS } from './facets.ts'
import type { Figures } from './figures.ts'
import { gapBucket } from './gaps.ts'

const UPDATED: readonly SignalName[] = [...FACETS.rendering, ...FACETS.fonts, 'canvasText']

/** Of a signal that tells nothing: no facet has it. */
const UNMOVED: DriftBits = { group: 'device', kept: [], changed: [] }

export interface Changes extends Pick<Comparison, 'changed' | 'known'> {
  readonly gapDays: number
}

/** Log2 of how likely a browser keeps what it kept and changes what it changed in the time since it was last seen. */
export function changeBits(comparison: Changes, figures: Figures): number {
  const groups = changeBitsByGroup(comparison, figures)
  let bits = 0
  for (const group of Object.values(groups)) bits += group
  return bits
}

/** The same by group: a group's strongest change counts whole, further ones a share; they have one cause as a rule. */
export function changeBitsByGroup(
  { known, changed, gapDays }: Changes,
  figures: Figures,
): Record<SignalGroup, number> {
  const table = driftTable(figures)
  const bucket = gapBucket(gapDays)
  const kept = emptyGroups()
  const strongest = emptyGroups()
  const sum = emptyGroups()
  for (const signal of known) {
    const { group, kept: bits } = table.get(signal) ?? UNMOVED
    // What nothing moved is one fact, too: the likeliest change did not come.
    kept[group] = Math.min(kept[group], bits[bucket] ?? 0)
  }
  const isUpdated = changed.includes('uaPlatformVersion') || changed.includes('gpuRenderer')
  for (const signal of changed) {
    const drift = table.get(signal) ?? UNMOVED
    // A new system or driver brings other drawing, sound and fonts: one cause, charged where it is told.
    const share = isUpdated && UPDATED.includes(signal) ? figures.furtherChanges : 1
    const bits = share * (drift.changed[bucket] ?? 0)
    strongest[drift.group] = Math.min(strongest[drift.group], bits)
    sum[drift.group] += bits
  }
  for (const group of Object.keys(kept) as SignalGroup[]) {
    kept[group] += figures.furtherChanges * sum[group] + (1 - figures.furtherChanges) * strongest[group]
  }
  return kept
}

const emptyGroups = (): Record<SignalGroup, number> => ({
  device: 0,
  display: 0,
  locale: 0,
  software: 0,
  network: 0,
})
