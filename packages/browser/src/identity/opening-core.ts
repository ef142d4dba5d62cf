import type { DeviceKeyJwk, FingerprintReport } from '@helloagain/protocol'
import type { ClientParts } from '../client-parts.ts'
import type * as debug from '../debug-part.ts'
import type { Guard } from '../guard.ts'
import type { Uninstall } from '../interceptors/uninstall.ts'
import type { Settings } from '../options.ts'
import type * as probes from '../probes-part.ts'
import type { Surroundings } from '../surroundings.ts'
import type { Recognised } from './browsing-session.ts'

export interface OpeningExtras {
  fingerprint?: FingerprintReport
  /** To be bound to the session. */
  deviceKey?: DeviceKeyJwk
  /** Somebody else is at the browser now: the server must not go by the cookie. */
  fresh?: boolean
}

/** How a session is opened. */
export interface Opening extends OpeningExtras {
  /** The page begins with a kept identity: a session this tab opened lately is taken up as it is. */
  isKnown?: boolean
}

/** Opens or refreshes the session, and observes the browser where that is due. */
export type OpenSession = (opening?: Opening) => Promise<void>

/** What opening a session needs of the core. */
export interface OpeningCore {
  parts: ClientParts
  settings: Settings
  world: Surroundings & { parts: { probes(): Promise<typeof probes>; debug(): Promise<typeof debug> } }
  guard: Guard
  /** What the client undoes when it is closed. */
  undos: Uninstall[]
  /** Reads the kept identity where consent allows that. */
  recall(): boolean
  /** Told of each session that was opened or taken up, and since when it is open. */
  onOpened(who: Recognised, openedAtMs: number): void
  /** Tries once more, unless the client was closed meanwhile. */
  reopen(how: OpeningExtras): Promise<void>
}
