import type { Client } from './client-surface.ts'

/** A client that does nothing, for server-side rendering, old browsers and refused options. */
export function createInertClient(): Client {
  const nothing = (): undefined => undefined
  const later = async (): Promise<undefined> => undefined
  const empty = async (): Promise<null> => null
  return {
    supported: false,
    sessionId: undefined,
    consentMode: 'off',
    headerPolicy: {
      ...{ headersFor: nothing, takeIn: nothing, answered: nothing, failed: nothing, skip: nothing },
      ...{ attach: () => false, mend: nothing },
    },
    ready: later,
    track: nothing,
    page: nothing,
    captureErrors: async () => nothing,
    identify: later,
    profile: empty,
    saveProgress: async () => false,
    resume: empty,
    prefill: async () => 0,
    onRecognized: () => nothing,
    getSessionHeaders: () => ({}),
    fingerprint: nothing,
    setAccessToken: nothing,
    getAccessToken: nothing,
    reset: later,
    optOut: later,
    optIn: later,
    setConsent: later,
    flush: later,
    stats: () => ({ waiting: 0, delivered: 0, dropped: {} }),
    close: nothing,
  }
}
