import type { IncomingMessage } from 'node:http'
import type { Tokens } from '../accounts/ports.ts'
import type { ReadClientAddress } from '../platform/http/client-address.ts'
import type { Credential, RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import type { SessionCookie } from '../platform/http/session-cookie.ts'
import { isUuid } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import type { ReadDeviceProof } from '../sessions/ports.ts'
import type { Site, Sites } from '../sites/ports.ts'

export interface ContextParts {
  readonly sites: Sites
  readonly tokens: Tokens
  readonly cookie: SessionCookie
  readonly readDeviceProof: ReadDeviceProof
  readonly readAddress: ReadClientAddress
  readonly nowMs: () => number
  readonly log: Log
}

export interface ContextHints {
  readonly requestId: string
  /** Key and session id of a beacon's body; the headers win. */
  readonly siteKey?: string | undefined
  readonly sessionId?: string | undefined
  /** Called as soon as the site is known, before anything else can be refused: a page must be able to read refusals. */
  onSite?(site: Site): Promise<void>
}

/** Turns a request into its context: whose site, who speaks, which session, by which proof. */
export type ReadContext = (request: IncomingMessage, hints: ContextHints) => Promise<RequestContext>

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const pathOf = ({ url = '/' }: IncomingMessage) => url.split('?', 1)[0] ?? '/'

function readSessionId(request: IncomingMessage, hint: string | undefined): string | undefined {
  const sent = header(request, 'x-session-id') ?? hint
  if (sent !== undefined && !isUuid(sent)) {
    throw new Problem('session.id_invalid', { issues: [{ path: 'X-Session-ID', message: 'Not a UUID.' }] })
  }
  return sent?.toLowerCase()
}

/**
 * Node's own fetch sends `Sec-Fetch-Mode`, and it alone; browsers send it with `Sec-Fetch-Site` and `-Dest` (Fetch
 * Metadata, W3C; seen in Node 24). A back end must be able to use its key.
 */
const isFromBrowser = ({ headers }: IncomingMessage) =>
  headers.origin !== undefined ||
  Object.keys(headers).some((name) => name.startsWith('sec-fetch-') && name !== 'sec-fetch-mode')

/** Who asks for a new token, or ends with it, may hold one that is over: the cookie or the password speaks. */
const RENEWALS = /^\/api\/auth\/(?:login|logout|refresh)\/?$/

/** Cookies of a request that another site's page caused without CORS (an image, a form) prove nothing. */
const isForeignNavigation = ({ headers }: IncomingMessage) =>
  headers.origin === undefined && headers['sec-fetch-site'] === 'cross-site'

export function createReadContext(parts: ContextParts): ReadContext {
  const { sites, tokens, cookie, readDeviceProof, readAddress, nowMs: now, log } = parts

  async function siteOf(request: IncomingMessage, hint: string | undefined): Promise<Site> {
    const key = header(request, 'x-site-key') ?? hint
    if (key === undefined) return sites.getDefault()
    const site = await sites.findByPublishableKey(key)
    if (!site) throw new Problem('keys.unknown_site')
    return site
  }

  async function secretKey(request: IncomingMessage, key: string, requestId: string) {
    if (isFromBrowser(request)) {
      log.warn({ requestId, alert: 'keys.secret_in_browser' }, 'a secret key was sent from a browser')
      throw new Problem('keys.secret_in_browser')
    }
    const found = await sites.findBySecretKey(key)
    if (!found) throw new Problem('keys.invalid')
    return found
  }

  async function tokenOf(site: Site, token: string, path: string): Promise<Credential> {
    try {
      return await tokens.verify(site, token)
    } catch (error) {
      if (error instanceof Problem && RENEWALS.test(path)) return { kind: 'none' }
      throw error
    }
  }

  async function credentialOf(
    request: IncomingMessage,
    hints: ContextHints,
  ): Promise<{ site: Site; credential: Credential }> {
    const [scheme, token] = (header(request, 'authorization') ?? '').split(' ')
    const bearer = scheme?.toLowerCase() === 'bearer' ? token : undefined
    if (bearer?.startsWith('sk_')) {
      const { id, site, scopes } = await secretKey(request, bearer, hints.requestId)
      return { site, credential: { kind: 'secret_key', keyId: id, scopes } }
    }
    const site = await siteOf(request, hints.siteKey)
    await hints.onSite?.(site)
    return { site, credential: bearer ? await tokenOf(site, bearer, pathOf(request)) : { kind: 'none' } }
  }

  return async (request, hints) => {
    const { site, credential } = await credentialOf(request, hints)
    const nowMs = now()
    return {
      requestId: hints.requestId,
      nowMs,
      site,
      credential,
      address: readAddress(request),
      sessionId: readSessionId(request, hints.sessionId),
      cookieSecret: isForeignNavigation(request) ? undefined : cookie.read(request),
      // Events go by the cookie: without the header nothing is awaited. A back end has no device key.
      ...(request.headers['dpop'] !== undefined &&
        credential.kind !== 'secret_key' &&
        (await readDeviceProof(request, { siteId: site.id, nowMs }))),
      hasOptOutSignal: request.headers['sec-gpc'] === '1' || request.headers['dnt'] === '1',
      isFromBrowser: isFromBrowser(request),
      path: pathOf(request),
      request,
    }
  }
}
