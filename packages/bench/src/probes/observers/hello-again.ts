import { observeFingerprint } from '../../../../browser/src/probes.ts'
import { offerObserve } from './page.ts'

offerObserve(() => observeFingerprint({ salt: 'bench', timeBoundMs: 5000 }))
