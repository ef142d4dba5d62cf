export { calibrate } from './linkage/calibrate.ts'
export { decide } from './linkage/decide.ts'
export { experience } from './linkage/experience.ts'
export { learnWeights } from './linkage/learn-weights.ts'
export { lessons } from './linkage/lessons.ts'
export type { ObserveOptions } from './linkage/observe.ts'
export { observe } from './linkage/observe.ts'
export type { PairComparison } from './linkage/pair-bits.ts'
export { pairBits } from './linkage/pair-bits.ts'
export { planLookup } from './linkage/plan-lookup.ts'
export { startWeights } from './linkage/start-weights.ts'
export type { TakeInOptions } from './linkage/take-in.ts'
export { takeIn } from './linkage/take-in.ts'
export type { Rescored, TrialInput } from './linkage/trial.ts'
export { rescore, trialInput } from './linkage/trial.ts'
export type {
  CandidateBits,
  Decision,
  DecisionInput,
  DecisionMethod,
  Explanation,
  Lookup,
  Observed,
  Profile,
  Remembered,
  SetName,
  SiteKnowledge,
  TakenIn,
  Tallies,
  Tally,
  Tokenise,
  Weights,
} from './linkage/types.ts'
