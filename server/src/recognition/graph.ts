import { Problem } from '../platform/http/problem.ts'
import { isUuid } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import type { Conflict, GraphChange, GraphStore, Person, SplitTarget } from './graph-ports.ts'
import type { RecognitionStore, Visitor, VisitorLink } from './ports.ts'

/** A visitor with all that says who else it is, for a person to look at. */
export interface VisitorPicture {
  readonly visitor: Visitor
  readonly person: Person
  /** From and to it, oldest first, undone ones too. */
  readonly links: readonly VisitorLink[]
  /** How often users arrived at this browser, and how many of them are there. */
  readonly edges: { readonly total: number; readonly open: number }
}

/** What a back end may see and change of the visitors' links. Ids that are none are ids never issued. */
export interface VisitorGraph {
  /** @throws Problem `visitor.not_found` */
  describe(siteId: string, visitorId: string, atMs: number): Promise<VisitorPicture>
  /**
   * From now on two visitors are one person. No event, visit or field moves.
   *
   * @throws Problem `visitor.not_found`, `visitor.day_scoped`, `visitor.both_hold_keys`, `visitor.two_users`,
   * `request.invalid` for a visitor and itself
   */
  merge(siteId: string, pair: readonly [string, string], change: GraphChange): Promise<VisitorLink>
  /**
   * Undoes links for good; answers those that stood.
   *
   * @throws Problem `visitor.not_found`, `visitor.link_not_found`, `request.invalid` for a visitor and itself
   */
  split(
    visitor: { siteId: string; visitorId: string },
    target: SplitTarget,
    change: GraphChange,
  ): Promise<readonly VisitorLink[]>
}

const REFUSALS_OF_CONFLICTS = {
  both_hold_keys: 'visitor.both_hold_keys',
  two_users: 'visitor.two_users',
} as const satisfies Record<Conflict, string>

/** RFC 9562 §5.8: ids made by the salt of the day, whose visitors nobody may know again tomorrow. */
const isOfOneDay = (visitorId: string) => visitorId.charAt(14) === '8'

function readId(text: string): string {
  if (!isUuid(text)) throw new Problem('visitor.not_found')
  return text.toLowerCase()
}

function readOther(text: string, visitorId: string): string {
  const other = readId(text)
  if (other !== visitorId) return other
  const issues = [{ path: 'visitorId', message: 'Another visitor than the one of the path.' }]
  throw new Problem('request.invalid', { issues })
}

export function createVisitorGraph({
  store,
  log,
}: {
  store: GraphStore & Pick<RecognitionStore, 'countEdges' | 'findVisitor' | 'listLinks'>
  log: Log
}): VisitorGraph {
  // The row keeps who, when and why; the log holds no word that somebody wrote and no id of a visitor.
  const note = (what: string, linkId: string, { by }: GraphChange) =>
    log.info({ graph: what, linkId, by }, 'visitors were joined or parted by hand')

  return {
    async describe(siteId, id, atMs) {
      const visitor = await store.findVisitor(siteId, readId(id))
      if (!visitor) throw new Problem('visitor.not_found')
      return {
        visitor,
        person: await store.personOf(visitor.id),
        links: await store.listLinks(siteId, visitor.id),
        edges: await store.countEdges(siteId, visitor.id, atMs),
      }
    },
    async merge(siteId, pair, change) {
      const one = readId(pair[0])
      const other = readOther(pair[1], one)
      if (isOfOneDay(one) || isOfOneDay(other)) throw new Problem('visitor.day_scoped')
      const merged = await store.merge(siteId, [one, other], change)
      if (merged.kind === 'not_found') throw new Problem('visitor.not_found')
      if (merged.kind === 'conflict') throw new Problem(REFUSALS_OF_CONFLICTS[merged.conflict])
      if (merged.isNew) note('merge', merged.link.id, change)
      return merged.link
    },
    async split({ siteId, visitorId: text }, target, change) {
      const visitorId = readId(text)
      const cleaned: SplitTarget =
        target.kind === 'from' ? { kind: 'from', visitorId: readOther(target.visitorId, visitorId) } : target
      const split = await store.split({ siteId, visitorId }, cleaned, change)
      if (split.kind === 'not_found') throw new Problem('visitor.not_found')
      if (split.kind === 'link_not_found') throw new Problem('visitor.link_not_found')
      for (const { id } of split.undone) note('split', id, change)
      return split.undone
    },
  }
}
