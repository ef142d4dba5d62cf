import { startWeights, type Tallies, type Tally, type Weights } from '@helloagain/recognition/linkage'
import type { RecogniserStore } from './recogniser-ports.ts'

/** Reading some hundred tallies for every decision would cost more than the decision. */
const KEPT_MS = 60_000

interface Known {
  readonly tallies: Map<string, Tally>
  readonly weights: Weights
  readonly atMs: number
}

/** What a site has learned, at hand. */
export interface SiteKnowledge {
  read(siteId: string): Promise<{ tallies: Tallies; weights: Weights }>
  /** Counts at once here, in the database with the next flush. */
  add(siteId: string, tallies: Tallies): void
  flush(): Promise<void>
}

function addAll(sums: Map<string, Tally>, tallies: Tallies): void {
  for (const [name, { hits, total }] of tallies) {
    const sum = sums.get(name)
    sums.set(name, { hits: (sum?.hits ?? 0) + hits, total: (sum?.total ?? 0) + total })
  }
}

export function createSiteKnowledge({
  store,
  nowMs,
}: {
  store: Pick<RecogniserStore, 'addTallies' | 'liveWeights' | 'tallies'>
  nowMs: () => number
}): SiteKnowledge {
  const known = new Map<string, Known>()
  const unwritten = new Map<string, Map<string, Tally>>()

  function add(siteId: string, tallies: Tallies): void {
    const sums = unwritten.get(siteId) ?? new Map<string, Tally>()
    unwritten.set(siteId, sums)
    addAll(sums, tallies)
    const kept = known.get(siteId)
    if (kept) addAll(kept.tallies, tallies)
  }

  async function load(siteId: string): Promise<Known> {
    const [stored, learned] = await Promise.all([store.tallies(siteId), store.liveWeights(siteId)])
    const tallies = new Map(stored)
    addAll(tallies, unwritten.get(siteId) ?? new Map())
    const fresh = { tallies, weights: learned ?? startWeights(), atMs: nowMs() }
    known.set(siteId, fresh)
    return fresh
  }

  return {
    async read(siteId) {
      const kept = known.get(siteId)
      return kept && Math.abs(nowMs() - kept.atMs) < KEPT_MS ? kept : load(siteId)
    },
    add,
    async flush() {
      for (const [siteId, tallies] of unwritten) {
        unwritten.delete(siteId)
        try {
          await store.addTallies(siteId, tallies)
        } catch (error) {
          // They stand in what is read already; only the database is still to hear of them.
          const since = unwritten.get(siteId) ?? new Map<string, Tally>()
          addAll(since, tallies)
          unwritten.set(siteId, since)
          throw error
        }
      }
    },
  }
}
