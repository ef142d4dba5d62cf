import * as session from '../session-part.ts'
import type { BakedPart } from './load-part.ts'

/** Replaced by the build. */
declare const __LATER__: Readonly<Record<'debug' | 'delivery' | 'errors' | 'probes', BakedPart>>

/** @public the build's entry; the core reads it off the window */
export const { callServer, createSessionOpening, mendFetch } = session

/** How the parts are loaded that the core does not ask for by itself. @public */
export const LATER = __LATER__
