import { judge } from './decide.ts'
import { prepare } from './prepare.ts'
import type { Prepared } from './prepared.ts'
import { readFigures } from './read-figures.ts'
import { score } from './score.ts'
import type { DecisionInput, DecisionMethod, Weights } from './types.ts'

/** A blind decision whose truth is known, kept to try other weights on. Plain JSON: no tokens, no ids. */
export interface TrialInput {
  readonly prepared: Prepared
  /** Which candidate was the visitor; -1: none of them. */
  readonly right: number
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
  /** Nats the truth came as a surprise; what weights are compared by. */
  readonly logLoss: number
}

const LEAST_PROBABILITY = 1e-6

/** A decision's input as a trial, given whose visit it was. */
export function trialInput(input: DecisionInput, visitorId: string): TrialInput {
  return {
    prepared: prepare(input),
    right: input.candidates.findIndex((candidate) => candidate.visitorId === visitorId),
  }
}

/** Tries weights on a kept trial. */
export function rescore({ prepared, right }: TrialInput, weights: Weights): Rescored {
  const figures = readFigures(weights)
  const posterior = score(prepared, figures)
  const { method, best, confidence, anonymitySet } = judge(prepared, posterior, figures)
  const truth = right < 0 ? posterior.someoneNew + posterior.unlisted : (posterior.candidates[right] ?? 0)
  return {
    method,
    confidence,
    anonymitySet,
    probabilityNew: posterior.someoneNew,
    probability: posterior.candidates[best] ?? 0,
    isBestRight: best >= 0 && best === right,
    logLoss: -Math.log(Math.max(LEAST_PROBABILITY, truth)),
  }
}
