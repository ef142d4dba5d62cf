import type { EventPayload, EventType, UserData } from '@helloagain/protocol'
import type { Client } from './client-surface.ts'
import { createClient } from './create-client.ts'
import type { ClientOptions } from './options.ts'
import { findLastClient } from './page-client.ts'

/** The session in the words of the original documents. */
export interface SessionManager {
  /** The client behind it, for everything else. */
  readonly client: Client
  getSessionId(): string | undefined
  getSessionHeaders(): Record<string, string>
  /** Resolves with the id once the server has confirmed or replaced it. */
  initialize(): Promise<string | undefined>
  logEvent(type: EventType, payload?: EventPayload): void
  /** What the person told before; null below cookie and key. */
  getUserData(): Promise<UserData | null>
  /** Starts anew as somebody else. */
  clearSession(): Promise<void>
}

interface SessionManagerConstructor {
  new (options?: ClientOptions): SessionManager
}

function createSessionManager(options?: ClientOptions): SessionManager {
  const client = (options ? undefined : findLastClient()) ?? createClient(options)
  return {
    client,
    getSessionId: () => client.sessionId,
    getSessionHeaders: client.getSessionHeaders,
    initialize: () => client.ready().then(() => client.sessionId),
    logEvent: client.track,
    getUserData: client.profile,
    clearSession: client.reset,
  }
}

/**
 * The session of this browser, ready to use. Without options it takes up the client created last, and
 * creates one with the defaults where there is none.
 *
 * Document 001 writes `new SessionManager()`, so this is a function that may be called with `new`.
 */
export const SessionManager: SessionManagerConstructor = /* @__PURE__ */ constructible(createSessionManager)

function constructible(create: (options?: ClientOptions) => SessionManager): SessionManagerConstructor {
  // A function that returns an object gives that object to `new`; TypeScript has no type for it.
  return function manager(options?: ClientOptions) {
    return create(options)
  } as unknown as SessionManagerConstructor
}
