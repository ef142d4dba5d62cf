import { pairBits, startWeights } from '../../../../recognition/src/linkage.ts'
import type { Finding } from '../../measure.ts'
import { areaUnderCurve } from './auc.ts'
import { readPairs } from './read-pairs.ts'

const WHAT = 'real labelled pairs seen as tokens, AUC (naive Bayes .9955)'
const BAR = 0.995

/** How well the engine's evidence tells real pairs of one browser from real pairs of two. */
export function benchPairs(path: string | undefined): Finding[] {
  if (path === undefined) {
    // The pairs are not ours to give away.
    return [{ what: WHAT, value: 'not measured: give it `--pairs FILE`', bar: `≥ ${BAR}` }]
  }
  const pairs = readPairs(path)
  const weights = startWeights()
  const { auc, standardError } = areaUnderCurve(
    pairs.map(({ comparison, gapDays, isSameBrowser }) => ({
      score: pairBits(comparison, gapDays, weights),
      isPositive: isSameBrowser,
    })),
  )
  return [
    {
      what: WHAT,
      value: `${auc.toFixed(4)} ± ${standardError.toFixed(4)} over ${pairs.length} pairs`,
      bar: `≥ ${BAR}`,
      isReached: auc >= BAR,
    },
  ]
}
