import type { BakedPart } from './load-part.ts'

/** Replaced by the build. */
declare const __PROBES__: BakedPart

// biome-ignore lint/performance/noBarrelFile: the door of a part that is loaded later.
export { createSender, createSessionOpening, mendFetch } from '../session-part.ts'

/** How the part that observes is loaded: only what is in this file asks for it. */
export const PROBES = __PROBES__
