import { and, asc, eq, gt, inArray, isNull, or } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import { MERGE_METHOD } from './graph-ports.ts'
import { AGAIN_MS } from './learning-policy.ts'
import type { TrialInputKept } from './learning-ports.ts'
import type { RecognitionTables } from './tables.ts'

/** Trials that are looked at in one go. */
const PER_READ = 100

/** From a visitor's first visit to its last. */
interface Life {
  readonly firstMs: number
  readonly lastMs: number
}

/**
 * Whether two visitors are two browsers: each has come again by its own cookie or key, and the one named after the other
 * had begun. One that was named and never came again may be this browser before it lost its cookie, or in a private
 * window; one that began and never came again may itself have been a private window of the one named.
 */
const areTwo = (own: Life | undefined, named: Life | undefined): boolean =>
  own !== undefined &&
  named !== undefined &&
  hasComeAgain(own) &&
  hasComeAgain(named) &&
  named.lastMs > own.firstMs + AGAIN_MS

const hasComeAgain = ({ firstMs, lastMs }: Life): boolean => lastMs > firstMs + AGAIN_MS

/** Finds out which open trials named somebody else; see learning-ports.ts. */
export function settlingRows({ db, tables }: Storage<RecognitionTables>) {
  const { recognitionTrials: t, visitors, visitorLinks: links, visitorProfiles: profiles } = tables

  async function livesOf(ids: readonly string[]): Promise<Map<string, Life>> {
    const rows = await db
      .select({ id: visitors.id, firstMs: visitors.firstSeenAtMs, lastMs: visitors.lastSeenAtMs })
      .from(visitors)
      .where(inArray(visitors.id, [...ids]))
    // Whichever of the two was written: a visit does not always bring a fingerprint.
    const looks = await db
      .select({ id: profiles.visitorId, lastMs: profiles.lastSeenAtMs })
      .from(profiles)
      .where(inArray(profiles.visitorId, [...ids]))
    const looked = new Map(looks.map(({ id, lastMs }) => [id, lastMs]))
    return new Map(
      rows.map(({ id, firstMs, lastMs }) => [id, { firstMs, lastMs: Math.max(lastMs, looked.get(id) ?? 0) }]),
    )
  }

  /** Those whom somebody has said to be somebody else as well: both may be alive. */
  async function mergedByHand(ids: readonly string[]): Promise<Set<string>> {
    const rows = await db
      .select({ visitorId: links.visitorId, knownVisitorId: links.knownVisitorId })
      .from(links)
      .where(
        and(
          eq(links.method, MERGE_METHOD),
          isNull(links.undoneAtMs),
          or(inArray(links.visitorId, [...ids]), inArray(links.knownVisitorId, [...ids])),
        ),
      )
    return new Set(rows.flatMap(({ visitorId, knownVisitorId }) => [visitorId, knownVisitorId]))
  }

  const readOpen = (siteId: string, after: string) =>
    db
      .select({ id: t.id, visitorId: t.visitorId, input: t.input })
      .from(t)
      .where(and(eq(t.siteId, siteId), isNull(t.isRight), gt(t.id, after)))
      .orderBy(asc(t.id))
      .limit(PER_READ)

  async function refutedOf(page: Awaited<ReturnType<typeof readOpen>>): Promise<string[]> {
    const named = page.flatMap(({ id, visitorId, input }) => {
      const { best } = input as TrialInputKept
      return best === null ? [] : [{ id, visitorId, best }]
    })
    if (named.length === 0) return []
    const ids = [...new Set(named.flatMap(({ visitorId, best }) => [visitorId, best]))]
    const [lives, merged] = [await livesOf(ids), await mergedByHand(ids)]
    return named
      .filter(({ visitorId, best }) => !(merged.has(visitorId) && merged.has(best)))
      .filter(({ visitorId, best }) => areTwo(lives.get(visitorId), lives.get(best)))
      .map(({ id }) => id)
  }

  return {
    async settle(siteId: string): Promise<number> {
      let settled = 0
      let after = ''
      for (;;) {
        const page = await readOpen(siteId, after)
        const refuted = await refutedOf(page)
        if (refuted.length > 0) await db.update(t).set({ isRight: false }).where(inArray(t.id, refuted))
        settled += refuted.length
        const last = page.at(-1)
        if (!last || page.length < PER_READ) return settled
        after = last.id
      }
    },
  }
}
