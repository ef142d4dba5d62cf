import type { Figures } from './figures.ts'
import { START } from './start-weights.ts'
import type { Weights } from './types.ts'

/** Weights are read once, however many decisions are made with them. */
const known = new WeakMap<Weights, Figures>()

/** The figures in weights as a store keeps them; what an older version does not have is filled from the start. */
export function readFigures(weights: Weights): Figures {
  const before = known.get(weights)
  if (before !== undefined) return before
  const figures: Figures = { ...START, ...weights }
  known.set(weights, figures)
  return figures
}
