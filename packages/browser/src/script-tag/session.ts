import * as session from '../session-part.ts'
import type { BakedPart } from './load-part.ts'

/** Replaced by the build. */
declare const __PROBES__: BakedPart
declare const __ERRORS__: BakedPart

/** @public the build's entry; the core reads it off the window */
export const { createSessionOpening, mendFetch, openCourier } = session

/** How the parts are loaded that the core does not ask for by itself. @public */
export const LATER = { probes: __PROBES__, errors: __ERRORS__ }
