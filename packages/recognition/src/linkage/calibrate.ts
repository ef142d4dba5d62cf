import type { Figures } from './figures.ts'
import { fitLogistic } from './fit-logistic.ts'
import { readFigures } from './read-figures.ts'
import { twinsExpected } from './strangers.ts'
import { toWeights } from './to-weights.ts'
import { mayBeOne, rescore, type TrialInput } from './trial.ts'
import type { Weights } from './types.ts'
import { agreesAsFar } from './weigh.ts'

/** Factors tried on what the start figures say of changes, and how many of the last trials they are tried on. */
const CHANGE_SCALES = [0.5, 0.7, 1, 1.4]
const MOST_TRIED = 250
/** Nats that doubling or halving has to gain over those. */
const PRICE_OF_DOUBLING = 1
/** Pairs of twins the start figures are worth, and the bounds of what a site may teach. */
const PRIOR_PAIRS = 1
const LEAST_TWINS = 0.05
const MOST_TWINS = 100
/** One pair that is seen stands for at most so many. */
const LEAST_SEEN = 0.2

/**
 * Weights that fit trials: how common twins are on this site, by system; how much changes cost, where the truth
 * surprises least; and the final map, a logistic regression of right or wrong on the logit (Platt 1999).
 */
export function calibrate(weights: Weights, trials: readonly TrialInput[]): Weights {
  const plain: Figures = { ...readFigures(weights), slope: 1, offset: 0 }
  const known = { ...plain, twinScale: learnTwins(trials, plain) }
  const figures = leastSurprising(trials, CHANGE_SCALES, (changeScale) => ({ ...known, changeScale }))
  const points = trials.map((trial) => rescore(trial, toWeights(figures))).filter(({ isOpen }) => !isOpen)
  return toWeights({ ...figures, ...fitLogistic(points) })
}

/**
 * How common twins are against the start figures. Of visitors that come back unchanged, for each that is alone with
 * its looks so many share them with one other as strangers are to be expected (Good–Turing). Their return is proven,
 * so that it does not matter which first visits are among the trials.
 *
 * Whoever looks the same and may be the same browser is no twin: private windows would make twins of everybody. So twins
 * that came once are missed; of visitors that look otherwise it is known how many are.
 */
function learnTwins(trials: readonly TrialInput[], figures: Figures): Record<string, number> {
  const pairs = new Map<string, number>()
  const expected = new Map<string, number>()
  const seen = shareSeen(trials)
  for (const { prepared, right } of trials) {
    const { osFamily, wholeHolders, candidates } = prepared
    const visitor = candidates[right]
    if (!visitor || visitor.changed.length > 0) continue
    const again = othersOf({ prepared, right }).filter(({ isAlike, mayBe }) => isAlike && mayBe).length
    const holders = wholeHolders - again
    const strangers = holders === 1 ? twinsExpected(osFamily, visitor.byChance, figures) : 0
    expected.set(osFamily, (expected.get(osFamily) ?? PRIOR_PAIRS) + strangers)
    pairs.set(osFamily, (pairs.get(osFamily) ?? PRIOR_PAIRS) + (holders === 2 ? 1 / seen : 0))
  }
  const scaleOf = (osFamily: string) =>
    Math.min(MOST_TWINS, Math.max(LEAST_TWINS, (pairs.get(osFamily) ?? 1) / (expected.get(osFamily) ?? 1)))
  return Object.fromEntries([...pairs.keys()].map((osFamily) => [osFamily, scaleOf(osFamily)]))
}

interface Other {
  /** It has all that was seen. */
  readonly isAlike: boolean
  /** It may be the same browser. */
  readonly mayBe: boolean
}

/** The candidates of a return beside the visitor that came. */
function othersOf({ prepared: { candidates, seenFacets }, right }: TrialInput): Other[] {
  const own = candidates[right]
  if (own === undefined) return []
  return candidates
    .filter((other) => other !== own)
    .map((other) => ({ isAlike: agreesAsFar(other, seenFacets), mayBe: mayBeOne(own, other) }))
}

/** Of visitors that look otherwise, the share of which it is certain that they are another browser. */
function shareSeen(trials: readonly TrialInput[]): number {
  const others = trials.flatMap(othersOf).filter(({ isAlike }) => !isAlike)
  const certain = others.filter(({ mayBe }) => !mayBe).length
  return Math.max(LEAST_SEEN, others.length === 0 ? 1 : certain / others.length)
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
