import type { ConsentMode, ConsentReport } from '@helloagain/protocol'
import type { Response } from 'express'
import type { RequestContext } from '../platform/http/context.ts'
import type { SessionRouteParts } from './route-parts.ts'

/**
 * Records a decision and acts on it. A refusal, and a consent taken back, end the session that this request proves: its
 * cookies are taken away and nothing is left to recognise the visitor by. An id without proof is left alone.
 */
export function createWithdrawal({
  sessions,
  fingerprints,
}: Pick<SessionRouteParts, 'fingerprints' | 'sessions'>) {
  return async (context: RequestContext, report: ConsentReport, response: Response): Promise<ConsentMode> => {
    const resolved = await sessions.resolve(context)
    const proven = resolved?.proof ? resolved.session : undefined
    const mode = await sessions.recordDecision(context, report, proven)
    // Who never was to be recognised has nothing to take back: a cookie of theirs serves what they signed up for.
    if (mode === 'recognition' || (mode === 'cookieless' && proven?.mode !== 'recognition')) return mode
    if (proven) await sessions.withdraw(proven, { atMs: context.nowMs, mode })
    if (context.cookieSecret !== undefined) response.append('Set-Cookie', sessions.clearCookie())
    fingerprints.clearCookie(response, context)
    return mode
  }
}
