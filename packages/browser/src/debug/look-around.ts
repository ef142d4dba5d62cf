import type { ConsentMode, ConsentReport } from '@helloagain/protocol'

import { quietly } from '../platform/quietly.ts'
import { within } from '../platform/within.ts'
import type { DebugCore } from './debug-core.ts'

/** How things stand at the moment, as far as being recognised depends on it. */
export interface Standing {
  mode: ConsentMode
  report: ConsentReport
  /** Whether the mode is known; until the server has told the site's rule it may not be. */
  hasMode: boolean
  /** Whether the session id is in storage; only looked for where consent allows that. */
  isInStorage: boolean | undefined
  hasCookies: boolean
  pageHost: string
  endpointHost: string
  /** Whether the server is called by plain http from somewhere else than the machine itself. */
  isPlainHttp: boolean
  isFramed: boolean
  /** Whether the page lets the browser be observed. */
  mayObserve: boolean
  timeBoundMs: number
}

const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Reads no storage but where consent allows it, and nothing of the person. */
export function lookAround({ parts, settings, world }: DebugCore): Standing {
  const { consent, store } = parts
  const { scope } = world
  const { hostname, host, protocol } = new URL(settings.endpoint)
  const mode = consent.mode()
  return {
    mode,
    report: consent.report(),
    hasMode: consent.isSettled(),
    isInStorage: mode === 'recognition' ? store.get(settings.storageKey) !== undefined : undefined,
    hasCookies: scope.navigator.cookieEnabled,
    pageHost: scope.location.host,
    endpointHost: host,
    isPlainHttp: protocol === 'http:' && !LOOPBACK.test(hostname),
    // A frame of another origin may look at nothing of its parent, not even whether it is the same.
    isFramed: quietly(() => scope.top === scope.self) === false,
    mayObserve: settings.fingerprint,
    timeBoundMs: within(settings.timeBoundMs, [0, 300, 5000]),
  }
}
