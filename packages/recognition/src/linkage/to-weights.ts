import type { Figures } from './figures.ts'
import type { Weights } from './types.ts'

/** Figures as a store keeps them; both are plain JSON. */
export const toWeights = (figures: Figures): Weights => ({ ...figures })
