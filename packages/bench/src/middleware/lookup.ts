import type { IncomingMessage } from 'node:http'
import { createServerKeys } from '../../../../server/src/platform/crypto/server-keys.ts'
import type { RequestContext } from '../../../../server/src/platform/http/context.ts'
import { createLog } from '../../../../server/src/platform/log.ts'
import { createFingerprintLookup } from '../../../../server/src/recognition/fingerprint-lookup.ts'

/** The server's own lookup, with the context an anonymous browser has. */
export function openLookup(): { find(request: IncomingMessage): unknown; stop(): void } {
  const lookup = createFingerprintLookup({
    keys: createServerKeys('bench-only-0123456789-abcdefghijklmn'),
    log: createLog('silent'),
    nowMs: Date.now,
    isSecure: false,
  })
  const context = (request: IncomingMessage): RequestContext => ({
    requestId: 'bench',
    nowMs: Date.now(),
    site: { id: 'bench', name: 'bench', fingerprintSalt: 'bench', unsetMode: 'recognition' },
    credential: { kind: 'none' },
    address: { limitKey: '192.0.2.7', prefix: '192.0.2.0/24', isLoopback: false },
    sessionId: undefined,
    cookieSecret: undefined,
    hasOptOutSignal: false,
    isFromBrowser: true,
    path: '/api/anything',
    request,
  })
  return { find: (request) => lookup.find(request, context(request)), stop: () => lookup.stop() }
}
