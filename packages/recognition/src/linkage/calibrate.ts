import type { Figures } from './figures.ts'
import { fitLogistic } from './fit-logistic.ts'
import { readFigures } from './read-figures.ts'
import { twinsExpected } from './strangers.ts'
import { toWeights } from './to-weights.ts'
import { rescore, type TrialInput } from './trial.ts'
import type { Weights } from './types.ts'

/** Factors tried on what the start figures say of changes, and how many of the last trials they are tried on. */
const CHANGE_SCALES = [0.5, 0.7, 1, 1.4]
const MOST_TRIED = 250
/** Nats that doubling or halving has to gain over those. */
const PRICE_OF_DOUBLING = 1
/** Pairs of twins the start figures are worth, and the bounds of what a site may teach. */
const PRIOR_PAIRS = 5
const LEAST_TWINS = 0.1
const MOST_TWINS = 30

/**
 * Weights that fit trials: how common twins are on this site, by system; how much changes cost, where the truth
 * surprises least; and the final map, a logistic regression of right or wrong on the logit (Platt 1999).
 */
export function calibrate(weights: Weights, trials: readonly TrialInput[]): Weights {
  const plain: Figures = { ...readFigures(weights), slope: 1, offset: 0 }
  const known = { ...plain, twinScale: learnTwins(trials, plain) }
  const figures = leastSurprising(trials, CHANGE_SCALES, (changeScale) => ({ ...known, changeScale }))
  const points = trials.map((trial) => rescore(trial, toWeights(figures)))
  return toWeights({ ...figures, ...fitLogistic(points) })
}

/**
 * How common twins are against the start figures. Of visitors that come back unchanged, for each that is alone with
 * its looks so many share them with one other as strangers are to be expected (Good–Turing). Their return is proven,
 * so that it does not matter which first visits are among the trials.
 */
function learnTwins(trials: readonly TrialInput[], figures: Figures): Record<string, number> {
  const pairs = new Map<string, number>()
  const expected = new Map<string, number>()
  for (const { prepared, right } of trials) {
    const { osFamily, wholeHolders } = prepared
    const visitor = prepared.candidates[right]
    if (!visitor || visitor.changed.length > 0) continue
    const strangers = wholeHolders === 1 ? twinsExpected(osFamily, visitor.byChance, figures) : 0
    expected.set(osFamily, (expected.get(osFamily) ?? PRIOR_PAIRS) + strangers)
    pairs.set(osFamily, (pairs.get(osFamily) ?? PRIOR_PAIRS) + (wholeHolders === 2 ? 1 : 0))
  }
  const scaleOf = (osFamily: string) =>
    Math.min(MOST_TWINS, Math.max(LEAST_TWINS, (pairs.get(osFamily) ?? 1) / (expected.get(osFamily) ?? 1)))
  return Object.fromEntries([...pairs.keys()].map((osFamily) => [osFamily, scaleOf(osFamily)]))
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
