import type { Judged } from './judge.ts'

/** What is left when only answers of at least some confidence count. */
interface Threshold {
  /** 0–100. */
  readonly least: number
  readonly answers: number
  readonly right: number
}

/**
 * Every threshold that makes a difference, strictest first. Answers of equal confidence stand or fall together, so a
 * linker that is always equally sure has a single one.
 */
export function thresholdsOf(judged: readonly Judged[]): Threshold[] {
  const sorted = judged
    .filter(({ named }) => named !== undefined)
    .sort((surer, less) => less.confidence - surer.confidence)
  const thresholds: Threshold[] = []
  let right = 0
  sorted.forEach(({ isRight, confidence: least }, index) => {
    if (isRight) right += 1
    if (sorted[index + 1]?.confidence !== least) thresholds.push({ least, answers: index + 1, right })
  })
  return thresholds
}
