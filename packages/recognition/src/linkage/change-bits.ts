import type { SignalGroup, SignalName } from '../signals.ts'
import type { Comparison } from './compare.ts'
import { driftTable } from './drift.ts'
import { FACET_NAMES, FACETS, GROUP_OF } from './facets.ts'
import type { Figures } from './figures.ts'
import { gapBucket } from './gaps.ts'

/** What drifts, by the group whose causes move it together. */
const GROUP_BY_SIGNAL = new Map<SignalName, SignalGroup>(
  FACET_NAMES.flatMap((facet) => FACETS[facet].map((signal) => [signal, GROUP_OF[facet]] as const)),
)

const UPDATED: readonly SignalName[] = [...FACETS.rendering, ...FACETS.fonts, 'canvasText']

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
    const group = GROUP_BY_SIGNAL.get(signal)
    // What nothing moved is one fact, too: the likeliest change did not come.
    if (group) kept[group] = Math.min(kept[group], table.get(signal)?.kept[bucket] ?? 0)
  }
  const isUpdated = changed.includes('uaPlatformVersion') || changed.includes('gpuRenderer')
  for (const signal of changed) {
    const group = GROUP_BY_SIGNAL.get(signal) ?? 'device'
    // A new system or driver brings other drawing, sound and fonts: one cause, charged where it is told.
    const share = isUpdated && UPDATED.includes(signal) ? figures.furtherChanges : 1
    const bits = share * (table.get(signal)?.changed[bucket] ?? 0)
    strongest[group] = Math.min(strongest[group], bits)
    sum[group] += bits
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
