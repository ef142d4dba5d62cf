import * as session from '../session-part.ts'
import type { BakedPart } from './load-part.ts'

/** Replaced by the build. */
declare const __PROBES__: BakedPart

/** @public the build's entry; the core reads it off the window */
export const { createSender, createSessionOpening, mendFetch } = session

/** How the part that observes is loaded: only what is in this file asks for it. @public */
export const PROBES = __PROBES__
