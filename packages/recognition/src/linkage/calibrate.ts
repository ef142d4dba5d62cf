import type { Figures } from './figures.ts'
import { fitLogistic } from './fit-logistic.ts'
import { readFigures } from './read-figures.ts'
import { toWeights } from './to-weights.ts'
import { rescore, type TrialInput } from './trial.ts'
import type { Weights } from './types.ts'

/** Nats that doubling or halving a figure has to gain. */
const PRICE_OF_DOUBLING = 1
/** Trials that one figure is tried on. */
const MOST_TRIED = 250
/** How finely, and how far, factors are sought. */
const TWINS = { step: 2, most: 128 }
const CHANGES = { step: Math.SQRT2, most: 4 }

/**
 * Weights that fit trials: how common twins are on this site, by system, and how much changes cost, where the truth
 * surprises least; then the final map, a logistic regression of right or wrong on the logit (Platt 1999).
 *
 * @param trials newest first
 */
export function calibrate(weights: Weights, trials: readonly TrialInput[]): Weights {
  let figures: Figures = { ...readFigures(weights), slope: 1, offset: 0, twinScale: {}, changeScale: 1 }
  for (const [osFamily, own] of Map.groupBy(trials, ({ prepared }) => prepared.osFamily)) {
    const withTwins = (scale: number) => ({
      ...figures,
      twinScale: { ...figures.twinScale, [osFamily]: scale },
    })
    figures = leastSurprising(own, withTwins, TWINS)
  }
  const withoutChanges = figures
  figures = leastSurprising(trials, (changeScale) => ({ ...withoutChanges, changeScale }), CHANGES)
  const points = trials.map((trial) => rescore(trial, toWeights(figures))).filter(({ isOpen }) => !isOpen)
  return toWeights({ ...figures, ...fitLogistic(points) })
}

/** Climbs from 1 on in the direction in which trials surprise less. */
function leastSurprising(
  trials: readonly TrialInput[],
  withScale: (scale: number) => Figures,
  { step, most }: { readonly step: number; readonly most: number },
): Figures {
  const tried = trials.slice(0, MOST_TRIED)
  const surprise = (scale: number) => {
    const weights = toWeights(withScale(scale))
    const nats = tried.reduce((sum, trial) => sum + rescore(trial, weights).logLoss, 0)
    return nats + PRICE_OF_DOUBLING * Math.abs(Math.log2(scale))
  }
  let best = { scale: 1, nats: surprise(1) }
  for (const factor of [step, 1 / step]) {
    for (;;) {
      const scale = best.scale * factor
      const nats = surprise(scale)
      if (nats >= best.nats || scale > most || scale < 1 / most) break
      best = { scale, nats }
    }
  }
  return withScale(best.scale)
}
