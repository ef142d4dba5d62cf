import type { Judged } from './judge.ts'
import { thresholdsOf } from './thresholds.ts'

/** What answers from some confidence on are worth. */
export interface AnswerScore {
  /** Answers given. */
  readonly answers: number
  /** Share of them that are right; 1 where none was given. */
  readonly precision: number
  /** Rightly recognised returns among all returns; 0 where nobody returned. */
  readonly recall: number
}

const countReturns = (judged: readonly Judged[]) => judged.filter(({ isReturn }) => isReturn).length

/** @param least 0–100: answers below it count as none */
export function scoreAnswers(judged: readonly Judged[], least = 0): AnswerScore {
  const given = judged.filter(({ named, confidence }) => named !== undefined && confidence >= least)
  const right = given.filter(({ isRight }) => isRight).length
  return {
    answers: given.length,
    precision: given.length === 0 ? 1 : right / given.length,
    recall: right / Math.max(1, countReturns(judged)),
  }
}

/** The greatest recall that some confidence reaches at a precision, and that confidence. */
export interface RecallAtPrecision {
  readonly recall: number
  /** 0–100: answers from here on; 100 where no confidence reaches the precision. */
  readonly least: number
}

/** @param precision 0–1 */
export function recallAtPrecision(judged: readonly Judged[], precision: number): RecallAtPrecision {
  const returns = Math.max(1, countReturns(judged))
  let best: RecallAtPrecision = { recall: 0, least: 100 }
  for (const { least, answers, right } of thresholdsOf(judged)) {
    if (right / answers >= precision && right / returns > best.recall)
      best = { recall: right / returns, least }
  }
  return best
}

/** Visits kept under another browser's visitor, per 10,000 visits. */
export const falseMergesPer10k = (judged: readonly Judged[]): number =>
  (10_000 * judged.filter(({ isFalseMerge }) => isFalseMerge).length) / Math.max(1, judged.length)
