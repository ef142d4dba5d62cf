import { Problem } from '../platform/http/problem.ts'
import { type Route, route } from '../platform/http/route.ts'
import { isUuid } from '../platform/ids.ts'
import type { Recognition, VisitorLink } from './ports.ts'
import { visitorParams, visitorResponse } from './schema.ts'

const iso = (atMs: number) => new Date(atMs).toISOString()

const linkView = ({ id, createdAtMs, undoneAtMs, ...link }: VisitorLink) => ({
  ...link,
  linkId: id,
  createdAt: iso(createdAtMs),
  undoneAt: undoneAtMs === null ? null : iso(undoneAtMs),
})

export function visitorRoutes({
  recognition,
}: {
  recognition: Pick<Recognition, 'findVisitor' | 'listLinks'>
}): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/api/visitors/:id',
        summary: 'A visitor and its links to others, each with its evidence.',
        access: ['secret:visitors:read'],
        params: visitorParams,
        response: visitorResponse,
        refusals: ['visitor.not_found', 'auth.token_required', 'keys.scope_missing'],
      },
      async ({ params: { id }, context: { site } }) => {
        const visitor = isUuid(id) ? await recognition.findVisitor(site.id, id.toLowerCase()) : undefined
        if (!visitor) throw new Problem('visitor.not_found')
        const links = await recognition.listLinks(site.id, visitor.id)
        return {
          success: true as const,
          visitor: {
            visitorId: visitor.id,
            firstSeenAt: iso(visitor.firstSeenAtMs),
            lastSeenAt: iso(visitor.lastSeenAtMs),
            visits: visitor.visitCount,
            userId: visitor.userId,
          },
          links: links.map(linkView),
        }
      },
    ),
  ]
}
