import type { ClientParts } from '../client-parts.ts'
import type { Guard } from '../guard.ts'
import type { Uninstall } from '../interceptors/uninstall.ts'
import type { Settings } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import type { Fact } from './facts.ts'

/** What the overlay looks at. */
export interface DebugCore {
  parts: Pick<ClientParts, 'consent' | 'store'>
  settings: Pick<Settings, 'debug' | 'endpoint' | 'fingerprint' | 'storageKey' | 'timeBoundMs'>
  world: Pick<Surroundings, 'scope'>
  /** What the client undoes when it is closed; empty once it did. */
  undos: Uninstall[]
}

/** What is needed to load it. */
export interface TellingCore extends DebugCore {
  world: DebugCore['world'] & {
    parts: { debug(): Promise<{ openOverlay(core: DebugCore): (fact: Fact) => void }> }
  }
  guard: Guard
}
