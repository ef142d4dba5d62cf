import type { Figures } from './figures.ts'
import { fitLogistic } from './fit-logistic.ts'
import { readFigures } from './read-figures.ts'
import { toWeights } from './to-weights.ts'
import { rescore, type TrialInput } from './trial.ts'
import type { Weights } from './types.ts'

/** Factors tried on what the start figures say of twins and of changes. */
const TWIN_SCALES = [0.03, 0.1, 0.3, 1, 3, 10, 30]
const CHANGE_SCALES = [0.5, 0.7, 1, 1.4]
/** Trials they are tried on, the last ones: the site waits for this. */
const MOST_TRIED = 250
/** Nats that doubling or halving a figure has to gain over all trials. */
const PRICE_OF_DOUBLING = 1

/**
 * Weights that fit trials: first how common twins are on this site, by system, and how much changes cost, where the
 * truth surprises least; then the final map, a logistic regression of right or wrong on the logit (Platt 1999).
 */
export function calibrate(weights: Weights, trials: readonly TrialInput[]): Weights {
  let figures: Figures = { ...readFigures(weights), slope: 1, offset: 0 }
  for (const osFamily of new Set(trials.map(({ prepared }) => prepared.osFamily))) {
    const ofSystem = trials.filter(({ prepared }) => prepared.osFamily === osFamily)
    figures = leastSurprising(ofSystem, TWIN_SCALES, (scale) => ({
      ...figures,
      twinScale: { ...figures.twinScale, [osFamily]: scale },
    }))
  }
  figures = leastSurprising(trials, CHANGE_SCALES, (changeScale) => ({ ...figures, changeScale }))
  const points = trials.map((trial) => rescore(trial, toWeights(figures)))
  return toWeights({ ...figures, ...fitLogistic(points) })
}

function leastSurprising(
  trials: readonly TrialInput[],
  scales: readonly number[],
  withScale: (scale: number) => Figures,
): Figures {
  let best = withScale(1)
  let least = Number.POSITIVE_INFINITY
  const tried = trials.slice(-MOST_TRIED)
  for (const scale of scales) {
    const figures = withScale(scale)
    const candidate = toWeights(figures)
    let nats = PRICE_OF_DOUBLING * Math.abs(Math.log2(scale))
    for (const trial of tried) nats += rescore(trial, candidate).logLoss
    if (nats < least) [best, least] = [figures, nats]
  }
  return best
}
