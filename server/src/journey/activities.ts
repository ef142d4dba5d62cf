import type { Events } from '../events/ports.ts'
import type { RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import type { Session, Sessions } from '../sessions/ports.ts'
import { toHotSession } from './hot-session.ts'
import { latestLiving } from './latest-living.ts'
import type { ActivityLog } from './ports.ts'

/** The subject of the caller's own token. */
export function ownId({ credential }: RequestContext): string | undefined {
  if (credential.kind === 'anonymous') return credential.visitorId
  return credential.kind === 'user' ? credential.userId : undefined
}

export function createActivityLog({
  sessions,
  events,
}: {
  sessions: Pick<Sessions, 'listByUser' | 'listByVisitor'>
  events: Pick<Events, 'note'>
}): ActivityLog {
  function listOwn({ credential, site }: RequestContext): Promise<Session[]> {
    if (credential.kind === 'anonymous') return sessions.listByVisitor(site.id, credential.visitorId)
    if (credential.kind === 'user') return sessions.listByUser(site.id, credential.userId)
    throw new Problem('auth.token_required')
  }

  return {
    async track(context, event) {
      const session = latestLiving(await listOwn(context), context.nowMs)
      if (!session) throw new Problem('ums.not_found')
      await events.note(toHotSession(session), event, context.nowMs)
      return { userId: ownId(context) ?? session.visitorId }
    },
  }
}
