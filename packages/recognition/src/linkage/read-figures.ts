import type { Figures } from './figures.ts'
import { START } from './start-weights.ts'
import type { Weights } from './types.ts'

/** The figures in weights as a store keeps them; what an older version does not have is filled from the start. */
export function readFigures(weights: Weights): Figures {
  return { ...START, ...weights }
}
