import { gapBucket } from './gaps.ts'
import { copyMade } from './originals.ts'
import { returnersTally } from './returners.ts'
import { rhythmTally, WHOLE_RETURN } from './rhythm.ts'
import type { Decision, Tally } from './types.ts'

/** From this probability on a return tells how often people come. */
const LIKELY = 0.99

/**
 * What a decision itself teaches, by tally: how many returners there are among visits, and after how long they come.
 * To be added after every decision on a visit that nothing but the fingerprint identifies, whatever it came to.
 */
export function experience(decision: Decision): Map<string, Tally> {
  const { knowsProof, visitors, isClear, probabilityNew, best, gapDays } = decision.explanation
  const learned = new Map<string, Tally>(copyMade(decision))
  // Who is seen but dimly seems new each time.
  if (isClear) {
    // Per mille: tallies are whole numbers, and a returner is only ever likely.
    const hits = Math.round(1000 * (1 - probabilityNew))
    learned.set(returnersTally(knowsProof, visitors), { hits, total: 1000 })
  }
  if (best && gapDays !== undefined && best.probability >= LIKELY) {
    const weight = Math.round(WHOLE_RETURN * best.probability)
    learned.set(rhythmTally(gapBucket(gapDays)), { hits: weight, total: weight })
  }
  return learned
}
