import type { FingerprintSource } from '@helloagain/protocol'
import type { RequestHandler } from 'express'
import type { ReadContext } from '../gateway/read-context.ts'
import { newId } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import type { FingerprintLookup } from '../recognition/fingerprint-lookup.ts'
import type { Sessions } from '../sessions/ports.ts'

/** What Hello Again knows of a request of the application. */
export interface RequestIdentity {
  /** 32 lower-case hex digits; null under GPC or DNT, for requests with a token, and where reading failed. */
  readonly fingerprint: string | null
  readonly fingerprintSource: FingerprintSource | null
  readonly session: {
    readonly sessionId: string
    readonly visitorId: string
    readonly userId: string | null
    /** This request proves the session. Without that it may be anybody's: link nothing to it, show nothing of it. */
    readonly isProven: boolean
  } | null
  readonly hasOptOutSignal: boolean
}

declare global {
  namespace Express {
    interface Request {
      helloAgain?: RequestIdentity
    }
  }
}

export interface RequestIdentityParts {
  readonly readContext: ReadContext
  readonly fingerprints: Pick<FingerprintLookup, 'find'>
  readonly sessions: Pick<Sessions, 'resolve'>
  readonly log: Log
}

const UNKNOWN: RequestIdentity = {
  fingerprint: null,
  fingerprintSource: null,
  session: null,
  hasOptOutSignal: false,
}

/** Sets `request.helloAgain` on every request it sees; writes no header, and never throws into the application. */
export function createRequestIdentity(parts: RequestIdentityParts): RequestHandler {
  const { readContext, fingerprints, sessions, log } = parts

  const read = async (request: Parameters<RequestHandler>[0]): Promise<RequestIdentity> => {
    const context = await readContext(request, { requestId: newId() })
    // A token speaks for the person: then no fingerprint is looked up.
    const found =
      request.headers.authorization === undefined ? fingerprints.find(request, context) : undefined
    const resolved = await sessions.resolve(context)
    return {
      fingerprint: found?.hash ?? null,
      fingerprintSource: found?.source ?? null,
      session: resolved
        ? {
            sessionId: resolved.session.sessionId,
            visitorId: resolved.session.visitorId,
            userId: resolved.session.userId,
            isProven: resolved.proof !== undefined,
          }
        : null,
      hasOptOutSignal: context.hasOptOutSignal,
    }
  }

  return async (request, _response, next) => {
    try {
      request.helloAgain = await read(request)
    } catch (error) {
      // A malformed header, a database that is down: the application goes on without us.
      log.debug({ err: error }, 'a request could not be identified')
      request.helloAgain = UNKNOWN
    }
    next()
  }
}
