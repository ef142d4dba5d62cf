import type { IncomingMessage } from 'node:http'
import { FINGERPRINT_HEADER, type FingerprintSource } from '@helloagain/protocol'
import type { RequestHandler, Response } from 'express'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import type { RequestContext } from '../platform/http/context.ts'
import { maskPath } from '../platform/http/mask-path.ts'
import { contextOf } from '../platform/http/route.ts'
import type { Log } from '../platform/log.ts'
import { createFingerprintCookie, readHash } from './fingerprint-cookie.ts'
import { createFingerprintMaker } from './fingerprint-maker.ts'
import type { FingerprintTiers, FoundFingerprint } from './ports.ts'

const COUNTERS_LOGGED_EVERY_MS = 5 * 60_000
const WARN_ONE_IN = 100
const WARN_AT_MOST_EVERY_MS = 10_000
export interface FingerprintLookup extends FingerprintTiers {
  /** Finds the fingerprint of every request and tells the browser one that the server had to make. */
  readonly middleware: RequestHandler
  /** Whether a fingerprint carries this server's mark: it recognises nobody, wherever it comes back from. */
  isServerMade(hash: string): boolean
  counters(): Record<FingerprintSource, number>
  logCounters(): void
  stop(): void
}

export interface FingerprintLookupParts {
  readonly keys: ServerKeys
  readonly log: Log
  readonly nowMs: () => number
  /** Browsers reach this server by https. */
  readonly isSecure: boolean
}

type Origin = FoundFingerprint['origin']

/** Tells now and then which pages do not send a fingerprint; the first one always. */
function createSampledWarning(log: Log, nowMs: () => number) {
  let made = 0
  let warnedAtMs = Number.NEGATIVE_INFINITY
  return ({ requestId, path }: RequestContext): void => {
    made += 1
    if (made % WARN_ONE_IN !== 1 || nowMs() - warnedAtMs < WARN_AT_MOST_EVERY_MS) return
    warnedAtMs = nowMs()
    log.warn({ requestId, path: maskPath(path) }, 'fingerprint made by the server: the client sends none')
  }
}

/** Without a session cookie nobody has consented yet where the site counts silence as no. */
const mayMake = ({ site, cookieSecret }: RequestContext) =>
  site.unsetMode === 'recognition' || cookieSecret !== undefined

const isSkipped = ({ hasOptOutSignal, credential }: RequestContext) =>
  hasOptOutSignal || credential.kind !== 'none'

/** The four tiers a fingerprint is looked up in, with their counters (documents 002 and 003). */
export function createFingerprintLookup(parts: FingerprintLookupParts): FingerprintLookup {
  const { keys, log, nowMs, isSecure } = parts
  const { make, isServerMade } = createFingerprintMaker(keys)
  const cookie = createFingerprintCookie({ isSecure })
  const warn = createSampledWarning(log, nowMs)
  const found = new WeakMap<IncomingMessage, FoundFingerprint>()
  const counts: Record<FingerprintSource, number> = {
    request_cache: 0,
    client_header: 0,
    cookie: 0,
    server_generated: 0,
  }

  function lookUp(
    request: IncomingMessage,
    context: RequestContext,
  ): { hash: string; origin: Origin } | undefined {
    const sent = readHash(request.headers['x-device-fingerprint'])
    if (sent) return { hash: sent, origin: isServerMade(sent) ? 'server_generated' : 'client_header' }
    const kept = cookie.read(request)
    if (kept) return { hash: kept, origin: isServerMade(kept) ? 'server_generated' : 'cookie' }
    return mayMake(context) ? { hash: make(request, context), origin: 'server_generated' } : undefined
  }

  function find(request: IncomingMessage, context: RequestContext): FoundFingerprint | undefined {
    if (isSkipped(context)) return undefined
    const before = found.get(request)
    if (before) {
      counts.request_cache += 1
      return { ...before, source: 'request_cache' }
    }
    const first = lookUp(request, context)
    if (!first) return undefined
    counts[first.origin] += 1
    if (first.origin === 'server_generated') warn(context)
    const answer = { ...first, source: first.origin }
    found.set(request, answer)
    return answer
  }

  function keepCookie(response: Response, { request, hasOptOutSignal }: RequestContext, hash: string): void {
    if (!hasOptOutSignal && !isServerMade(hash)) cookie.keep(request, response, hash)
  }

  function logCounters(): void {
    log.info({ fingerprintSources: { ...counts } }, 'fingerprint sources')
  }
  const timer = setInterval(logCounters, COUNTERS_LOGGED_EVERY_MS).unref()

  return {
    middleware(request, response, next) {
      const context = contextOf(response)
      const answer = find(request, context)
      if (answer?.origin === 'server_generated') response.setHeader(FINGERPRINT_HEADER, answer.hash)
      // The session cookie says that this browser's session was opened in mode recognition.
      if (answer?.origin === 'client_header' && context.cookieSecret !== undefined) {
        keepCookie(response, context, answer.hash)
      }
      next()
    },
    find,
    isServerMade,
    keepCookie,
    clearCookie: (response, { request }) => cookie.clear(request, response),
    counters: () => ({ ...counts }),
    logCounters,
    stop: () => clearInterval(timer),
  }
}
