import { returnersTally } from './returners.ts'
import type { Decision, Tally } from './types.ts'

/**
 * What a decision itself teaches, by tally: how many returners there are among visits. To be added after every
 * decision on a visit that nothing but the fingerprint identifies, whatever it came to.
 */
export function experience({ explanation }: Decision): Map<string, Tally> {
  const { knowsProof, visitors, probabilityNew } = explanation
  // Per mille: tallies are whole numbers, and a returner is only ever likely.
  return new Map([
    [returnersTally(knowsProof, visitors), { hits: Math.round(1000 * (1 - probabilityNew)), total: 1000 }],
  ])
}
