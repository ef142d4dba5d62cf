import { judge } from './decide.ts'
import { prepare } from './prepare.ts'
import type { Prepared, PreparedCandidate } from './prepared.ts'
import { readFigures } from './read-figures.ts'
import { score } from './score.ts'
import type { DecisionInput, DecisionMethod, Weights } from './types.ts'

/** A blind decision whose truth is known, kept to try other weights on. Plain JSON: no tokens, no ids. */
export interface TrialInput {
  readonly prepared: Prepared
  /** Which candidate was the visitor; -1: none of them. */
  readonly right: number
  /** It has come out since that the candidate that was named is another browser. */
  readonly isRefuted?: boolean
}

/** What other weights would have answered. */
export interface Rescored {
  readonly method: DecisionMethod
  /** 0–100. */
  readonly confidence: number
  readonly anonymitySet: number
  /** 0–1. */
  readonly probabilityNew: number
  /** Of the best candidate, before the final map; 0–1. */
  readonly probability: number
  /** Whether the best candidate was the visitor. */
  readonly isBestRight: boolean
  /** It was not, but may be the same browser: whether naming it was right, nobody knows. */
  readonly isOpen: boolean
  /** Nats the truth came as a surprise; what weights are compared by. */
  readonly logLoss: number
}

const LEAST_PROBABILITY = 1e-6
/** Who is seen so many days after it began has come again: private windows are not kept open for so long. */
const AGAIN_DAYS = 0.5

type Life = Pick<PreparedCandidate, 'ageDays' | 'gapDays'>

/**
 * Whether another visitor may be the browser that came by its cookie or key: before it lost those it had, or in a
 * private window. Who came again since the other began is certainly somebody else.
 */
export const mayBeOne = (own: Life, { ageDays, gapDays }: Life): boolean =>
  ageDays - gapDays < AGAIN_DAYS || gapDays > own.ageDays

/** A decision's input as a trial, given whose visit it was. */
export function trialInput(input: DecisionInput, visitorId: string): TrialInput {
  return {
    prepared: prepare(input),
    right: input.candidates.findIndex((candidate) => candidate.visitorId === visitorId),
  }
}

/** Tries weights on a kept trial. */
export function rescore({ prepared, right, isRefuted }: TrialInput, weights: Weights): Rescored {
  const figures = readFigures(weights)
  const posterior = score(prepared, figures)
  const { method, best, confidence, anonymitySet } = judge(prepared, posterior, figures)
  const [own, other] = [prepared.candidates[right], prepared.candidates[best]]
  const truth = right < 0 ? posterior.someoneNew + posterior.unlisted : (posterior.candidates[right] ?? 0)
  return {
    method,
    confidence,
    anonymitySet,
    probabilityNew: posterior.someoneNew,
    probability: posterior.candidates[best] ?? 0,
    isBestRight: best >= 0 && best === right,
    isOpen: own !== undefined && other !== undefined && own !== other && !isRefuted && mayBeOne(own, other),
    logLoss: -Math.log(Math.max(LEAST_PROBABILITY, truth)),
  }
}
