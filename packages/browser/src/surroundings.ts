import type { PageScope } from './page-scope.ts'

/** The page, its clock and its dice. */
export interface Surroundings {
  scope: PageScope
  /** Milliseconds since 1970. */
  nowMs(): number
  newId(): string
  /** 0 ≤ random < 1; for jitter only. */
  random(): number
}
