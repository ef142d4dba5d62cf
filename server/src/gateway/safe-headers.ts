import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'

const YEAR_SECONDS = 31_536_000

/**
 * Headers of every answer, on the Express stack and on the ingest lane alike: what helmet sets, asked once. The API is
 * no page: nothing may load from it or frame it.
 */
export function createSafeHeaders({ isSecure }: { isSecure: boolean }): Readonly<Record<string, string>> {
  const request = new IncomingMessage(new Socket())
  const headers: Record<string, string> = {}
  const response: ServerResponse = Object.assign(new ServerResponse(request), {
    setHeader(name: string, value: unknown) {
      headers[name] = String(value)
      return response
    },
  })
  const set = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    strictTransportSecurity: isSecure ? { maxAge: YEAR_SECONDS } : false,
    // These speak of documents only; on a JSON answer they are bytes and time.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  })
  set(request, response, (fault) => {
    if (fault) throw fault
  })
  return headers
}
