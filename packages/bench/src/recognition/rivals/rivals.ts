import { createEqualWeights } from './agreement.ts'
import { createFingerprintJs, createSingleHolder } from './fingerprintjs.ts'
import { createFpStalker } from './fp-stalker.ts'
import { createPanopticlick } from './panopticlick.ts'
import type { Rival } from './rival.ts'
import { createSignet } from './signet.ts'
import { createThumbmarkJs } from './thumbmarkjs.ts'

/** Every rival, empty. */
export const createRivals = (): Rival[] => [
  createFingerprintJs(),
  createSingleHolder(),
  createThumbmarkJs(),
  createPanopticlick(),
  createFpStalker({ hasRule7: true }),
  createFpStalker({ hasRule7: false }),
  createEqualWeights(),
  createSignet(),
]
