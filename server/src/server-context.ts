import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { parseClientAddress } from './platform/http/client-address.ts'
import type { RequestContext, SiteIdentity } from './platform/http/context.ts'
import { newId } from './platform/ids.ts'
import { SECRET_KEY_SCOPES } from './sites/ports.ts'

/** The context of a call that no request caused: the server's own code, with all a secret key may do. */
export function createServerContext(call: {
  site: SiteIdentity
  nowMs: number
  sessionId?: string
}): RequestContext {
  return {
    requestId: newId(),
    nowMs: call.nowMs,
    site: call.site,
    credential: { kind: 'secret_key', keyId: 'server', scopes: SECRET_KEY_SCOPES },
    address: parseClientAddress(undefined),
    sessionId: call.sessionId,
    cookieSecret: undefined,
    hasOptOutSignal: false,
    isFromBrowser: false,
    path: '/',
    // A request nobody sent: it has no headers, and its socket is never opened.
    request: new IncomingMessage(new Socket()),
  }
}
