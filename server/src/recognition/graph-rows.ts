import { and, asc, eq, isNull, or } from 'drizzle-orm'
import { newId } from '../platform/ids.ts'
import {
  type Conflict,
  type GraphChange,
  type GraphStore,
  MERGE_METHOD,
  SPLIT_METHOD,
  type SplitTarget,
} from './graph-ports.ts'
import {
  changeGraph,
  conflictOf,
  findRival,
  type GraphStorage,
  holdRoots,
  pathBetween,
  personOf,
  rootsOf,
  toLink,
  wasSplit,
} from './graph-walk-rows.ts'
import type { LinkEvidence, RecognitionStore, VisitorLink } from './ports.ts'

type SiteLink = VisitorLink & { readonly siteId: string }
type Pair = readonly [string, string]

const CONFLICT_REASONS: Readonly<Record<Conflict, string>> = {
  both_hold_keys: 'Both hold a device key.',
  two_users: 'They belong to two users.',
}

/** Nothing speaks for a link that somebody made or refused by hand but this person's word. */
const BY_HAND = { confidence: 100, observationConfidence: 100, anonymitySet: 1 }

const addChange = (
  evidence: LinkEvidence | null,
  what: 'made' | 'undone',
  change: GraphChange,
): LinkEvidence => ({
  ...(evidence ?? { groups: {} }),
  changes: [...(evidence?.changes ?? []), { what, ...change }],
})

/** The forest of visitors; see graph-ports.ts. */
export function graphRows(
  storage: GraphStorage,
): GraphStore & Pick<RecognitionStore, 'insertLink' | 'keepApart' | 'knownAs' | 'listLinks'> {
  return {
    async knownAs(visitorIds) {
      const roots = await rootsOf(storage, visitorIds)
      return new Map([...roots].filter(([id, root]) => id !== root))
    },
    async listLinks(siteId, visitorId) {
      const { visitorLinks: links } = storage.tables
      const rows = await storage.db
        .select()
        .from(links)
        .where(
          and(
            eq(links.siteId, siteId),
            or(eq(links.visitorId, visitorId), eq(links.knownVisitorId, visitorId)),
          ),
        )
        .orderBy(asc(links.createdAtMs), asc(links.id))
      return rows.map(toLink)
    },
    personOf: (visitorId) => personOf(storage, visitorId),
    insertLink: (link) => changeGraph(storage, (inner) => linkByEvidence(inner, link)),
    keepApart: (siteId, visitorId, atMs) =>
      changeGraph(storage, (inner) => keepApart(inner, { siteId, visitorId }, atMs)),
    merge: (siteId, pair, change) => changeGraph(storage, (inner) => merge(inner, { siteId, pair }, change)),
    split: ({ siteId, visitorId }, target, change) =>
      changeGraph(storage, async (inner) => {
        const found = await findTargets(inner, { siteId, visitorId }, target)
        if (found.kind !== 'found') return found
        const undone = await undoAll(inner, found.links, change)
        if (target.kind === 'from') {
          await holdApart(inner, { siteId, pair: [visitorId, target.visitorId] }, change)
        }
        return { kind: 'split', undone }
      }),
  }
}

async function linkByEvidence(inner: GraphStorage, link: SiteLink): Promise<void> {
  const roots = await holdRoots(inner, link.siteId, [link.visitorId, link.knownVisitorId])
  // One of them was erased at this moment, or is held to be somebody already.
  if (!roots || roots[0] !== link.visitorId || roots[0] === roots[1]) return
  if (await wasSplit(inner, roots)) return
  const conflict = await conflictOf(inner, roots)
  await inner.db
    .insert(inner.tables.visitorLinks)
    .values({
      ...link,
      ...(conflict && { undoneAtMs: link.createdAtMs, undoneReason: CONFLICT_REASONS[conflict] }),
    })
    .onConflictDoNothing()
}

async function merge(
  inner: GraphStorage,
  { siteId, pair }: { siteId: string; pair: Pair },
  change: GraphChange,
): ReturnType<GraphStore['merge']> {
  const roots = await holdRoots(inner, siteId, pair)
  if (!roots) return { kind: 'not_found' }
  const [standing] = await pathBetween(inner, pair)
  if (standing) return { kind: 'merged', link: standing, isNew: false }
  const conflict = await conflictOf(inner, roots)
  if (conflict) return { kind: 'conflict', conflict }
  const [visitorId, knownVisitorId] = await chooseEnds(inner, pair, roots)
  return {
    kind: 'merged',
    link: await makeByHand(inner, { siteId, visitorId, knownVisitorId }, change),
    isNew: true,
  }
}

/** Who is held to be whom: the younger one the older, or the one that is nobody else yet the other. */
async function chooseEnds({ db, tables }: GraphStorage, pair: Pair, roots: Pair): Promise<Pair> {
  const { visitors } = tables
  const [one, other] = pair
  if (roots[0] !== one) return roots[1] === other ? [other, one] : [roots[0], other]
  if (roots[1] !== other) return [one, other]
  const [older] = await db
    .select({ id: visitors.id })
    .from(visitors)
    .where(or(eq(visitors.id, one), eq(visitors.id, other)))
    .orderBy(asc(visitors.firstSeenAtMs), asc(visitors.id))
    .limit(1)
  return older?.id === one ? [other, one] : [one, other]
}

async function makeByHand(
  { db, tables: { visitorLinks: links } }: GraphStorage,
  ends: Pick<SiteLink, 'knownVisitorId' | 'siteId' | 'visitorId'>,
  change: GraphChange,
): Promise<VisitorLink> {
  const isThis = and(
    eq(links.visitorId, ends.visitorId),
    eq(links.knownVisitorId, ends.knownVisitorId),
    eq(links.method, MERGE_METHOD),
  )
  const [before] = await db.select().from(links).where(isThis)
  const fields = {
    createdAtMs: change.atMs,
    undoneAtMs: null,
    undoneReason: null,
    evidence: addChange(before?.evidence ?? null, 'made', change),
  }
  if (before) {
    await db.update(links).set(fields).where(eq(links.id, before.id))
    return toLink({ ...before, ...fields })
  }
  const made = { id: newId(), ...ends, method: MERGE_METHOD, ...BY_HAND, ...fields }
  await db.insert(links).values(made)
  return toLink(made)
}

type Found =
  | { readonly kind: 'found'; readonly links: readonly VisitorLink[] }
  | { readonly kind: 'link_not_found' }
  | { readonly kind: 'not_found' }

async function findTargets(
  inner: GraphStorage,
  { siteId, visitorId }: { siteId: string; visitorId: string },
  target: SplitTarget,
): Promise<Found> {
  const { visitorLinks: links } = inner.tables
  if (target.kind === 'from') {
    const pair = [visitorId, target.visitorId] as const
    if (!(await holdRoots(inner, siteId, pair))) return { kind: 'not_found' }
    return { kind: 'found', links: (await pathBetween(inner, pair)).slice(0, 1) }
  }
  if (!(await holdRoots(inner, siteId, [visitorId, visitorId]))) return { kind: 'not_found' }
  const touches = or(eq(links.visitorId, visitorId), eq(links.knownVisitorId, visitorId))
  const rows = await inner.db
    .select()
    .from(links)
    .where(
      target.kind === 'link'
        ? and(eq(links.siteId, siteId), eq(links.id, target.linkId))
        : and(eq(links.siteId, siteId), isNull(links.undoneAtMs), touches),
    )
    .orderBy(asc(links.createdAtMs), asc(links.id))
  if (target.kind === 'all') return { kind: 'found', links: rows.map(toLink) }
  const [link] = rows
  const isOfVisitor =
    link &&
    // Undone before: once more changes nothing.
    (link.undoneAtMs !== null ||
      [link.visitorId, link.knownVisitorId].includes(visitorId) ||
      (await pathBetween(inner, [visitorId, link.visitorId])).length > 0)
  return isOfVisitor ? { kind: 'found', links: [toLink(link)] } : { kind: 'link_not_found' }
}

/** Answers those that stood until now. Whoever asks holds the person. */
async function undoAll(
  { db, tables: { visitorLinks: links } }: GraphStorage,
  targets: readonly VisitorLink[],
  change: GraphChange,
): Promise<VisitorLink[]> {
  const undone: VisitorLink[] = []
  for (const { id, evidence } of targets) {
    const rows = await db
      .update(links)
      .set({
        undoneAtMs: change.atMs,
        undoneReason: change.reason,
        evidence: addChange(evidence, 'undone', change),
      })
      .where(and(eq(links.id, id), isNull(links.undoneAtMs)))
      .returning()
    undone.push(...rows.map(toLink))
  }
  return undone
}

/** Remembers that two were split, also where no link was between them. */
async function holdApart(
  { db, tables: { visitorLinks: links } }: GraphStorage,
  { siteId, pair }: { siteId: string; pair: Pair },
  change: GraphChange,
): Promise<void> {
  const [visitorId = '', knownVisitorId = ''] = [...pair].sort()
  await db
    .insert(links)
    .values({
      ...{ id: newId(), siteId, visitorId, knownVisitorId, method: SPLIT_METHOD, ...BY_HAND },
      ...{ createdAtMs: change.atMs, undoneAtMs: change.atMs, undoneReason: change.reason },
      evidence: addChange(null, 'undone', change),
    })
    .onConflictDoNothing()
}

async function keepApart(
  inner: GraphStorage,
  { siteId, visitorId }: { siteId: string; visitorId: string },
  atMs: number,
): Promise<VisitorLink[]> {
  const undone: VisitorLink[] = []
  for (;;) {
    const roots = await holdRoots(inner, siteId, [visitorId, visitorId])
    const rival = roots && (await findRival(inner, { visitorId, root: roots[0] }))
    if (!rival) return undone
    const path = await pathBetween(inner, [visitorId, rival.rivalId])
    const change = { atMs, by: 'server', reason: CONFLICT_REASONS[rival.conflict] }
    undone.push(...(await undoAll(inner, path.slice(0, 1), change)))
  }
}
