import type { Client } from './client-surface.ts'
import { createHeaderPolicy } from './interceptors/header-policy.ts'

/** A client that does nothing, for server-side rendering, old browsers and refused options. */
export function createInertClient(): Client {
  const nothing = (): void => undefined
  const later = async (): Promise<void> => undefined
  const noHeaders = (): Record<string, string> => ({})
  return {
    supported: false,
    sessionId: undefined,
    consentMode: 'off',
    headerPolicy: createHeaderPolicy({ sessionId: () => undefined, sessionTargets: [] }),
    ready: later,
    track: nothing,
    page: nothing,
    identify: async () => undefined,
    profile: async () => null,
    saveProgress: async () => false,
    resume: async () => null,
    prefill: async () => 0,
    onRecognized: () => nothing,
    getSessionHeaders: noHeaders,
    fingerprint: () => undefined,
    setAccessToken: nothing,
    getAccessToken: () => undefined,
    reset: later,
    optOut: later,
    optIn: later,
    setConsent: later,
    flush: later,
    stats: () => ({ waiting: 0, delivered: 0, dropped: {} }),
    close: nothing,
  }
}
