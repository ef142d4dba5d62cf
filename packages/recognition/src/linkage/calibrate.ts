import { readFigures } from './read-figures.ts'
import { rescore, type TrialInput } from './trial.ts'
import type { Weights } from './types.ts'

const STEPS = 25
/** Trials the untouched map is worth. */
const PRIOR_TRIALS = 20
const LEAST_SLOPE = 0.2
const MOST_SLOPE = 3

/** Weights whose final map fits the trials: logistic regression of right or wrong on the logit (Platt 1999). */
export function calibrate(weights: Weights, trials: readonly TrialInput[]): Weights {
  const figures = readFigures(weights)
  const plain = { ...figures, slope: 1, offset: 0 }
  const points = trials
    .map((trial) => rescore(trial, plain))
    .filter(({ probability }) => probability > 0)
    .map(({ probability, isBestRight }) => ({
      logit: Math.log(probability / Math.max(1e-9, 1 - probability)),
      isRight: isBestRight ? 1 : 0,
    }))
  let slope = 1
  let offset = 0
  for (let step = 0; step < STEPS; step++) {
    // Newton's method on the log-likelihood with a Gaussian prior round the untouched map.
    let gradientSlope = PRIOR_TRIALS * (1 - slope)
    let gradientOffset = -PRIOR_TRIALS * offset
    let hessianSlope = PRIOR_TRIALS
    let hessianOffset = PRIOR_TRIALS
    let hessianBoth = 0
    for (const { logit, isRight } of points) {
      const expected = 1 / (1 + Math.exp(-(slope * logit + offset)))
      const spread = expected * (1 - expected)
      gradientSlope += (isRight - expected) * logit
      gradientOffset += isRight - expected
      hessianSlope += spread * logit * logit
      hessianOffset += spread
      hessianBoth += spread * logit
    }
    const determinant = hessianSlope * hessianOffset - hessianBoth * hessianBoth
    slope += (hessianOffset * gradientSlope - hessianBoth * gradientOffset) / determinant
    offset += (hessianSlope * gradientOffset - hessianBoth * gradientSlope) / determinant
    slope = Math.min(MOST_SLOPE, Math.max(LEAST_SLOPE, slope))
  }
  return { ...figures, slope, offset }
}
