import type { RequestContext } from '../platform/http/context.ts'
import { type Route, route } from '../platform/http/route.ts'
import type { VisitorGraph, VisitorPicture } from './graph.ts'
import type { GraphChange, SplitTarget } from './graph-ports.ts'
import type { LinkChange, VisitorLink } from './ports.ts'
import {
  mergeBody,
  mergeResponse,
  splitBody,
  splitResponse,
  visitorParams,
  visitorResponse,
} from './schema.ts'

const iso = (atMs: number) => new Date(atMs).toISOString()

const changeView = ({ atMs, ...change }: LinkChange) => ({ ...change, at: iso(atMs) })

function linkView({ id, createdAtMs, undoneAtMs, evidence, ...link }: VisitorLink) {
  const { changes = [], ...bits } = evidence ?? {}
  return {
    ...link,
    linkId: id,
    createdAt: iso(createdAtMs),
    undoneAt: undoneAtMs === null ? null : iso(undoneAtMs),
    evidence: 'groups' in bits ? bits : null,
    changes: changes.map(changeView),
  }
}

const visitorView = ({ visitor, edges }: VisitorPicture) => ({
  visitorId: visitor.id,
  firstSeenAt: iso(visitor.firstSeenAtMs),
  lastSeenAt: iso(visitor.lastSeenAtMs),
  visits: visitor.visitCount,
  userId: visitor.userId,
  // No reasons left is somebody's word that it is a person.
  isBot: (visitor.botReasons ?? []).length > 0,
  botReasons: [...(visitor.botReasons ?? [])],
  isShared: visitor.isShared === true,
  deviceEdges: edges,
})

/** Who changes the graph: the key that came. */
function changeOf({ credential, nowMs: atMs }: RequestContext, reason: string): GraphChange {
  // Without a key the contract has refused the call.
  const by = credential.kind === 'secret_key' ? credential.keyId : 'nobody'
  return { atMs, by, reason }
}

function targetOf({ linkId, visitorId }: { linkId?: string; visitorId?: string }): SplitTarget {
  if (linkId !== undefined) return { kind: 'link', linkId }
  return visitorId === undefined ? { kind: 'all' } : { kind: 'from', visitorId }
}

/** Visitors and their links: looking, merging, splitting. */
export const visitorRoutes = ({ graph }: { graph: VisitorGraph }): Route[] => [
  lookRoute(graph),
  ...changeRoutes(graph),
]

const lookRoute = (graph: VisitorGraph) =>
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
    async ({ params, context: { site, nowMs } }) => {
      const picture = await graph.describe(site.id, params.id, nowMs)
      const { person, links } = picture
      return {
        success: true as const,
        visitor: visitorView(picture),
        person,
        links: links.map(linkView),
      }
    },
  )

const changeRoutes = (graph: VisitorGraph) => [
  route(
    {
      method: 'post',
      path: '/api/visitors/:id/merge',
      summary: 'Holds two visitors to be one person, until they are split. Moves no data.',
      access: ['secret:visitors:write'],
      params: visitorParams,
      body: mergeBody,
      response: mergeResponse,
      refusals: [
        'request.invalid',
        'visitor.not_found',
        'visitor.day_scoped',
        'visitor.both_hold_keys',
        'visitor.two_users',
        'auth.token_required',
        'keys.scope_missing',
      ],
    },
    async ({ params, body, context }) => {
      const pair = [params.id, body.visitorId] as const
      const link = await graph.merge(context.site.id, pair, changeOf(context, body.reason))
      return { success: true as const, link: linkView(link) }
    },
  ),
  route(
    {
      method: 'post',
      path: '/api/visitors/:id/split',
      summary: 'Undoes a link, what joins two visitors, or all links of one; for good.',
      access: ['secret:visitors:write'],
      params: visitorParams,
      body: splitBody,
      response: splitResponse,
      refusals: [
        'request.invalid',
        'visitor.not_found',
        'visitor.link_not_found',
        'auth.token_required',
        'keys.scope_missing',
      ],
    },
    async ({ params, body: { reason, ...asked }, context }) => {
      const visitor = { siteId: context.site.id, visitorId: params.id }
      const undone = await graph.split(visitor, targetOf(asked), changeOf(context, reason))
      return { success: true as const, undone: undone.map(linkView) }
    },
  ),
]
