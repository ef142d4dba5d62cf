import type * as debug from './debug-part.ts'
import type * as delivery from './delivery-part.ts'
import type * as errors from './errors-part.ts'
import type * as extras from './extras-part.ts'
import type * as probes from './probes-part.ts'
import type * as session from './session-part.ts'
import type { Surroundings } from './surroundings.ts'

/** Parts of the SDK that are loaded when they are needed. */
export interface Parts {
  probes(): Promise<typeof probes>
  debug(): Promise<typeof debug>
  errors(): Promise<typeof errors>
  extras(): Promise<typeof extras>
  session(): Promise<typeof session>
  delivery(): Promise<typeof delivery>
}

/** What the client needs from outside, so that tests can hand in another page, clock and dice. */
export interface World extends Surroundings {
  parts: Parts
}
