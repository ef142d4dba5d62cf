import type { SignalGroup, SignalName } from '../signals.ts'
import type { Comparison } from './compare.ts'
import { agreementAfter } from './drift.ts'
import { FACET_NAMES, FACETS, GROUP_OF } from './facets.ts'
import type { Figures } from './figures.ts'

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
  const kept = emptyGroups()
  const strongest = emptyGroups()
  const sum = emptyGroups()
  for (const signal of known) {
    const group = GROUP_BY_SIGNAL.get(signal)
    // What nothing moved is one fact, too: the likeliest change did not come.
    if (group) kept[group] = Math.min(kept[group], Math.log2(agreementAfter(signal, gapDays, figures)))
  }
  const isUpdated = changed.includes('uaPlatformVersion') || changed.includes('gpuRenderer')
  for (const signal of changed) {
    const group = GROUP_BY_SIGNAL.get(signal)
    if (!group) continue
    let bits = Math.log2(1 - agreementAfter(signal, gapDays, figures))
    // A new system or driver brings other drawing, sound and fonts: one cause, charged where it is told.
    if (isUpdated && UPDATED.includes(signal)) bits *= figures.furtherChanges
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
