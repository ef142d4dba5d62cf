import { openClient } from './client.ts'
import type { Client } from './client-surface.ts'
import type { ClientOptions } from './options.ts'
import type { PageScope } from './page-scope.ts'
import { createUuidV7 } from './platform/uuid-v7.ts'
import type { Parts } from './world.ts'

let lastClient: Client | undefined

/** Opens a client over this page; the parts that are loaded later come from the bundle at hand. */
export function createPageClient(parts: Parts, options: ClientOptions): Client {
  const scope = globalThis as PageScope
  const fillRandom = (bytes: Uint8Array<ArrayBuffer>) => scope.crypto.getRandomValues(bytes)
  const newId = createUuidV7({ nowMs: Date.now, fillRandom })
  lastClient = openClient(options, { scope, parts, nowMs: Date.now, newId, random: Math.random })
  return lastClient
}

/** The client created last; undefined before the first. */
export function findLastClient(): Client | undefined {
  return lastClient
}

/**
 * Headers of the client created last, for requests made past the interceptors; empty before there is one.
 *
 * @example Object.assign(config.headers, getSessionHeaders())
 */
export function getSessionHeaders(): Record<string, string> {
  return lastClient?.getSessionHeaders() ?? {}
}
