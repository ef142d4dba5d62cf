import { Problem } from '../platform/http/problem.ts'
import { type Route, route } from '../platform/http/route.ts'
import { isUuid } from '../platform/ids.ts'
import type { BotStore } from './bot-rows.ts'
import { visitorParams } from './schema.ts'

export function botRoutes({ bots }: { bots: Pick<BotStore, 'pardon'> }): Route[] {
  return [
    route(
      {
        method: 'delete',
        path: '/api/visitors/:id/bot',
        summary: 'Says that a visitor is a person, whatever speaks for a program; it is never flagged again.',
        access: ['secret:visitors:write'],
        params: visitorParams,
        refusals: ['visitor.not_found', 'auth.token_required', 'keys.scope_missing'],
      },
      async ({ params: { id }, context: { site } }) => {
        const isPardoned = isUuid(id) && (await bots.pardon(site.id, id.toLowerCase()))
        if (!isPardoned) throw new Problem('visitor.not_found')
      },
    ),
  ]
}
