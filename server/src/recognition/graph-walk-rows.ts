import { and, asc, count, eq, inArray, isNotNull, isNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import type { Conflict, Person } from './graph-ports.ts'
import type { VisitorLink } from './ports.ts'
import type { RecognitionTables } from './tables.ts'

export type GraphStorage = Storage<RecognitionTables>
type LinkRow = RecognitionTables['visitorLinks']['$inferSelect']

export const toLink = ({ siteId: _site, ...link }: LinkRow): VisitorLink => link

/** All that follow a set of visitors up the links that stand, themselves included. `UNION` ends a circle, too. */
const upFrom = ({ tables: { visitors, visitorLinks: links } }: GraphStorage, ids: readonly string[]): SQL =>
  sql`WITH RECURSIVE walk(origin, id) AS (
    SELECT ${visitors.id}, ${visitors.id} FROM ${visitors} WHERE ${visitors.id} IN ${ids}
    UNION
    SELECT walk.origin, ${links.knownVisitorId} FROM walk
      JOIN ${links} ON ${links.visitorId} = walk.id AND ${links.undoneAtMs} IS NULL
  )`

/** Everybody held to be a visitor, itself included. */
export const downFrom = ({ tables: { visitors, visitorLinks: links } }: GraphStorage, root: string): SQL =>
  sql`(WITH RECURSIVE walk(id) AS (
    SELECT ${visitors.id} FROM ${visitors} WHERE ${visitors.id} = ${root}
    UNION
    SELECT ${links.visitorId} FROM walk
      JOIN ${links} ON ${links.knownVisitorId} = walk.id AND ${links.undoneAtMs} IS NULL
  ) SELECT id FROM walk)`

/** The end of each visitor's links; a visitor that is nobody else stands for itself. Unknown ones are left out. */
export async function rootsOf(
  storage: GraphStorage,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map()
  const { visitorLinks: links } = storage.tables
  const rows = await storage.db.select({ origin: sql<string>`ends.origin`, id: sql<string>`ends.id` }).from(
    sql`(${upFrom(storage, ids)} SELECT origin, id FROM walk WHERE NOT EXISTS (
        SELECT 1 FROM ${links} WHERE ${links.visitorId} = walk.id AND ${links.undoneAtMs} IS NULL
      )) AS ends`,
  )
  return new Map(rows.map(({ origin, id }) => [origin, id]))
}

export async function personOf(storage: GraphStorage, visitorId: string): Promise<Person> {
  const { visitors } = storage.tables
  const root = (await rootsOf(storage, [visitorId])).get(visitorId) ?? visitorId
  const [row] = await storage.db
    .select({ total: count() })
    .from(visitors)
    .where(inArray(visitors.id, downFrom(storage, root)))
  return { visitorId: root, visitors: row?.total ?? 0 }
}

/** The links by which two visitors are one person, newest first; none when they are not. */
export async function pathBetween(
  storage: GraphStorage,
  pair: readonly [string, string],
): Promise<VisitorLink[]> {
  const roots = await rootsOf(storage, pair)
  if (roots.get(pair[0]) !== roots.get(pair[1])) return []
  const [one, other] = [await chainOf(storage, pair[0]), await chainOf(storage, pair[1])]
  const isIn = (chain: VisitorLink[], { id }: VisitorLink) => chain.some((link) => link.id === id)
  // Above where they meet both chains are the same.
  const path = [...one.filter((link) => !isIn(other, link)), ...other.filter((link) => !isIn(one, link))]
  return path.sort((left, right) => right.createdAtMs - left.createdAtMs || (left.id < right.id ? 1 : -1))
}

/** The links from a visitor up to its end. */
async function chainOf(storage: GraphStorage, visitorId: string): Promise<VisitorLink[]> {
  const { visitorLinks: links } = storage.tables
  const rows = await storage.db
    .select()
    .from(links)
    .where(
      and(
        isNull(links.undoneAtMs),
        inArray(links.visitorId, sql`(${upFrom(storage, [visitorId])} SELECT id FROM walk)`),
      ),
    )
  return rows.map(toLink)
}

/** Whether somebody of one person was split from somebody of the other one. */
export async function wasSplit(
  storage: GraphStorage,
  [root, otherRoot]: readonly [string, string],
): Promise<boolean> {
  const { visitorLinks: links } = storage.tables
  const members = downFrom(storage, root)
  const rows = await storage.db
    .select({ visitorId: links.visitorId, knownVisitorId: links.knownVisitorId })
    .from(links)
    .where(
      and(
        isNotNull(links.undoneAtMs),
        or(inArray(links.visitorId, members), inArray(links.knownVisitorId, members)),
      ),
    )
  const ends = rows.flatMap(({ visitorId, knownVisitorId }) => [visitorId, knownVisitorId])
  const roots = await rootsOf(storage, [...new Set(ends)])
  return ends.some((id) => roots.get(id) === otherRoot)
}

/** Why two persons cannot be one; undefined when they can. */
export async function conflictOf(
  storage: GraphStorage,
  roots: readonly [string, string],
): Promise<Conflict | undefined> {
  const [one, other] = [await claimsOf(storage, roots[0]), await claimsOf(storage, roots[1])]
  if (one.holdsKey && other.holdsKey) return 'both_hold_keys'
  return new Set([...one.users, ...other.users]).size > 1 ? 'two_users' : undefined
}

async function claimsOf(storage: GraphStorage, root: string) {
  const { db, tables } = storage
  const { deviceKeys: keys, visitors } = tables
  const members = downFrom(storage, root)
  const held = await db
    .select({ id: keys.visitorId })
    .from(keys)
    .where(and(isNull(keys.revokedAtMs), inArray(keys.visitorId, members)))
    .limit(1)
  const rows = await db
    .selectDistinct({ userId: visitors.userId })
    .from(visitors)
    .where(and(isNotNull(visitors.userId), inArray(visitors.id, members)))
  return { holdsKey: held.length > 0, users: rows.flatMap(({ userId }) => (userId === null ? [] : [userId])) }
}

/** Another visitor of the same person that holds a key as this one does, or belongs to another user than this one. */
export async function findRival(
  storage: GraphStorage,
  { visitorId, root }: { visitorId: string; root: string },
): Promise<{ rivalId: string; conflict: Conflict } | undefined> {
  const { db, tables } = storage
  const { deviceKeys: keys, visitors } = tables
  const members = downFrom(storage, root)
  const holders = await db
    .selectDistinct({ id: keys.visitorId })
    .from(keys)
    .where(and(isNull(keys.revokedAtMs), inArray(keys.visitorId, members)))
    .orderBy(asc(keys.visitorId))
  const others = holders.map(({ id }) => id).filter((id) => id !== visitorId)
  const [keyed] = others
  if (keyed !== undefined && others.length < holders.length) {
    return { rivalId: keyed, conflict: 'both_hold_keys' }
  }
  const [own] = await db.select({ userId: visitors.userId }).from(visitors).where(eq(visitors.id, visitorId))
  if (!own || own.userId === null) return undefined
  const [stranger] = await db
    .select({ id: visitors.id })
    .from(visitors)
    // Null, of visitors that are nobody's, differs from nothing.
    .where(and(inArray(visitors.id, members), ne(visitors.userId, own.userId)))
    .orderBy(asc(visitors.id))
    .limit(1)
  return stranger && { rivalId: stranger.id, conflict: 'two_users' }
}

/** Thrown inside a transaction to begin it again; never leaves this file. */
class Moved extends Error {
  override readonly name = 'Moved'
}

/** Runs work on the graph all or nothing; again where somebody else was faster. */
export async function changeGraph<T>(
  storage: GraphStorage,
  work: (inner: GraphStorage) => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await storage.transaction(work)
    } catch (error) {
      if (!(error instanceof Moved)) throw error
    }
  }
}

/**
 * Holds the ends of two visitors' links until the transaction is over, so that nobody links, merges or claims either
 * person meanwhile. Undefined where a visitor is not of the site. For work inside {@link changeGraph}.
 */
export async function holdRoots(
  storage: GraphStorage,
  siteId: string,
  pair: readonly [string, string],
): Promise<readonly [string, string] | undefined> {
  const roots = await rootsOf(storage, pair)
  const [one, other] = pair.map((id) => roots.get(id))
  if (one === undefined || other === undefined) return undefined
  // In one order, so that two who hold the same do not wait for each other.
  for (const id of new Set([one, other].sort())) {
    if (!(await hold(storage, siteId, id))) return undefined
  }
  const now = await rootsOf(storage, pair)
  // Holding others as well would be out of order, so what is held is let go.
  if (now.get(pair[0]) !== one || now.get(pair[1]) !== other) throw new Moved()
  return [one, other]
}

/** A change that changes nothing: it makes others who hold the visitor wait, on either engine. */
async function hold(
  { db, tables: { visitors } }: GraphStorage,
  siteId: string,
  id: string,
): Promise<boolean> {
  const rows = await db
    .update(visitors)
    .set({ visitCount: visitors.visitCount })
    .where(and(eq(visitors.siteId, siteId), eq(visitors.id, id)))
    .returning({ id: visitors.id })
  return rows.length > 0
}
