import type { Judged } from './judge.ts'
import { thresholdsOf } from './thresholds.ts'

/** What is risked when the surest answers are taken, and only those. */
export interface RiskPoint {
  /** 0–1: visits answered. */
  readonly coverage: number
  /** 0–1: wrong among the answers. */
  readonly risk: number
}

/** From the surest answers down; a single point for a linker that is always equally sure. */
export const riskCoverage = (judged: readonly Judged[]): RiskPoint[] =>
  thresholdsOf(judged).map(({ answers, right }) => ({
    coverage: answers / judged.length,
    risk: (answers - right) / answers,
  }))
