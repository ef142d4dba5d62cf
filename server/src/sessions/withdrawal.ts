import type { ConsentMode, ConsentReport } from '@helloagain/protocol'
import type { Response } from 'express'
import type { RequestContext } from '../platform/http/context.ts'
import type { SessionRouteParts } from './route-parts.ts'

/**
 * Records a decision and acts on it. A refusal ends the session that this request proves: its cookies are taken away
 * and nothing is left to recognise the visitor by. An id without proof is left alone.
 */
export function createWithdrawal({
  sessions,
  fingerprints,
}: Pick<SessionRouteParts, 'fingerprints' | 'sessions'>) {
  return async (context: RequestContext, report: ConsentReport, response: Response): Promise<ConsentMode> => {
    const resolved = await sessions.resolve(context)
    const proven = resolved?.proof ? resolved.session : undefined
    const mode = await sessions.recordDecision(context, report, proven)
    if (mode !== 'off') return mode
    if (proven) await sessions.withdraw(proven, context.nowMs)
    if (context.cookieSecret !== undefined) response.append('Set-Cookie', sessions.clearCookie())
    fingerprints.clearCookie(response, context)
    return mode
  }
}
