import { percentile } from '../../measure.ts'
import {
  type AnswerScore,
  falseMergesPer10k,
  type RecallAtPrecision,
  recallAtPrecision,
  scoreAnswers,
} from './answers.ts'
import {
  brierScore,
  calibrationError,
  equalMassBins,
  equalWidthBins,
  type ReliabilityBin,
} from './calibration.ts'
import { answersOf, judge, type Outcome } from './judge.ts'
import { type RiskPoint, riskCoverage } from './risk-coverage.ts'
import { scoreTracking, type Tracking } from './tracking.ts'

/** An outcome, and the time its decision took. */
export interface TimedOutcome extends Outcome {
  readonly microseconds: number
}

/** All there is to say of a linker on a world. */
export interface LinkerScore {
  readonly visits: number
  readonly returns: number
  /** By the visitor each answer names, however sure it is; where it names none, by the fresh one. */
  readonly tracking: Tracking
  /** By the visitor each visit was kept under: only by answers that are sure enough to act on. */
  readonly kept: Tracking
  /** Of every answer that names somebody. */
  readonly all: AnswerScore
  /** Of answers of 99 and more: those that are acted on. */
  readonly sure: AnswerScore
  /** The most that some confidence recalls at a precision of .99. */
  readonly best: RecallAtPrecision
  readonly falseMergesPer10k: number
  readonly brier: number
  /** Over bins of equally many answers, and over bins of equal width. */
  readonly ece: { readonly mass: number; readonly width: number }
  readonly bins: readonly ReliabilityBin[]
  readonly risk: readonly RiskPoint[]
  readonly medianUs: number
  readonly p99Us: number
}

/** API.md: what an answer has to reach to be acted on. */
const SURE = 99
const PRECISION = 0.99

/** @param everyDays days between two visits of a browser */
export function scoreLinker(outcomes: readonly TimedOutcome[], everyDays: number): LinkerScore {
  const judged = judge(outcomes)
  const answers = answersOf(judged)
  const bins = equalMassBins(answers)
  const times = outcomes.map(({ microseconds }) => microseconds)
  return {
    visits: judged.length,
    returns: judged.filter(({ isReturn }) => isReturn).length,
    tracking: scoreTracking(
      outcomes.map(({ browser, named, kept }) => ({ browser, visitor: named ?? kept })),
      everyDays,
    ),
    kept: scoreTracking(
      outcomes.map(({ browser, kept }) => ({ browser, visitor: kept })),
      everyDays,
    ),
    all: scoreAnswers(judged),
    sure: scoreAnswers(judged, SURE),
    best: recallAtPrecision(judged, PRECISION),
    falseMergesPer10k: falseMergesPer10k(judged),
    brier: brierScore(answers),
    ece: { mass: calibrationError(bins), width: calibrationError(equalWidthBins(answers)) },
    bins,
    risk: riskCoverage(judged),
    medianUs: percentile(times, 0.5),
    p99Us: percentile(times, 0.99),
  }
}

/** Days between two visits of a browser, on average over all that came twice; 0 where nobody did. */
export function meanGapDays(outcomes: Iterable<Pick<Outcome, 'atMs' | 'browser'>>): number {
  const last = new Map<string, number>()
  let [sumMs, gaps] = [0, 0]
  for (const { browser, atMs } of outcomes) {
    const before = last.get(browser)
    if (before !== undefined) {
      sumMs += atMs - before
      gaps += 1
    }
    last.set(browser, atMs)
  }
  return gaps === 0 ? 0 : sumMs / gaps / 86_400_000
}
