import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** From PROPERTY_FACTOR, read in vitest.config.ts. */
    propertyFactor: number
  }
}

/** How many cases a property test tries: few in `pnpm test`, many in `pnpm test:deep`. */
export const propertyRuns = (cases: number): number => cases * inject('propertyFactor')
