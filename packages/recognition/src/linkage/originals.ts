import type { Decision, Tallies, Tally } from './types.ts'

/** What is kept under the visitor it names: the least that may be configured to be linked. */
const ACTED_ON = 99
const LEAST_SHARE = 0.02

/** Systems and browsers are recognised unequally well. */
export interface Kind {
  readonly osFamily: string
  readonly browserFamily: string
}

const copiesTally = ({ osFamily, browserFamily }: Kind) => `copies|${osFamily}|${browserFamily}`

/** What a decision adds to the tally: a visit that is not acted on makes a visitor, who often is not a new one. */
export function copyMade({ method, confidence, anonymitySet, explanation }: Decision): [string, Tally][] {
  const isActedOn = method.startsWith('fingerprint') && confidence >= ACTED_ON && anonymitySet === 1
  if (isActedOn) return []
  return [
    [copiesTally(explanation), { hits: Math.round(1000 * (1 - explanation.probabilityNew)), total: 1000 }],
  ]
}

/** Share of a kind's visitors that are browsers of their own, and not one more visitor of the same. */
export function shareOfOriginals(kind: Kind, inClass: number, tallies: Tallies): number {
  const { hits, total } = tallies.get(copiesTally(kind)) ?? { hits: 0, total: 0 }
  if (total === 0) return 1
  // Visitors that proved who they are never came to a decision.
  const undecided = Math.min(1, total / 1000 / Math.max(1, inClass))
  return Math.max(LEAST_SHARE, 1 - (undecided * hits) / total)
}
