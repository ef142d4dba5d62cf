import type { Storage } from '../platform/storage/storage.ts'
import type { Horizon } from './horizon-rows.ts'
import { inOrder, keyOf, QUARTER_MS, type RollupCount, type RollupKey } from './rollup.ts'
import { addToRollups, passRebuild, type RollupChange } from './rollup-rows.ts'
import type { EventTables } from './tables.ts'

/** Quarters that start at `fromMs` or later and before `toMs`. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/** What the rollups say of a quarter, over all shards. */
export interface RolledUp extends RollupCount {
  readonly erased: number
  readonly erasedUnproven: number
}

/** Events and rollups of one moment. */
export interface Snapshot {
  readonly horizon: Horizon
  readonly rolledUp: readonly RolledUp[]
  /** By {@link keyOf}. */
  readonly counted: ReadonlyMap<string, RollupCount>
}

/** Tells how far the reading is, in whatever unit. */
export type OnProgress = (done: number, total: number) => void

/** Reads events and rollups as they are at one moment, while servers go on writing. */
export interface SnapshotReader {
  read(asked: Stretch, onProgress: OnProgress): Promise<Snapshot>
}

export interface Rebuilt {
  /** What was counted anew; empty (`fromMs` at `toMs`) when none of it is complete. */
  readonly stretch: Stretch
  /** Before it, events were deleted by retention; undefined when that touches nothing asked for. */
  readonly leftAlone: Stretch | undefined
  /** Events found, without those that were erased. */
  readonly events: number
  /** Counts (site, quarter, type) that were wrong. */
  readonly corrected: number
  /** Events that the rollups had lacked. */
  readonly added: number
  /** Events that the rollups had too many. */
  readonly removed: number
}

// A transaction of some 10 ms, so that servers hardly wait.
const CHANGES_PER_WRITE = 500
/** Any one would do: only sums mean something. */
const SHARD = 0

const floorQuarter = (atMs: number) => atMs - (atMs % QUARTER_MS)
const ceilQuarter = (atMs: number) => floorQuarter(atMs + QUARTER_MS - 1)

/** The part of it whose events are all there. */
export function completePart({ fromMs, toMs }: Stretch, { completeFromMs }: Horizon): Stretch {
  const from = ceilQuarter(Math.max(fromMs, completeFromMs))
  return { fromMs: Math.min(from, ceilQuarter(toMs)), toMs: ceilQuarter(toMs) }
}

/** Adds counts that were read in parts. */
export function addCounts(counted: Map<string, RollupCount>, counts: Iterable<RollupCount>): void {
  for (const count of counts) {
    const known = counted.get(keyOf(count))
    if (known) {
      known.events += count.events
      known.unproven += count.unproven
    } else counted.set(keyOf(count), count)
  }
}

/**
 * What to add to the rollups so that they are right. As a difference, not as a value: what servers add meanwhile
 * stays, and erasures, which lower nothing, change nothing about it.
 */
function changesOf({ rolledUp, counted }: Snapshot): RollupChange[] {
  const NOTHING = { events: 0, unproven: 0, erased: 0, erasedUnproven: 0 }
  const saidOf = new Map(rolledUp.map((said) => [keyOf(said), said]))
  const keys = new Map<string, RollupKey>([...saidOf, ...counted])
  const changes: RollupChange[] = []
  for (const [key, { siteId, quarterMs, eventType }] of keys) {
    const said = saidOf.get(key) ?? NOTHING
    const found = counted.get(key) ?? NOTHING
    const events = found.events + said.erased - said.events
    const unproven = found.unproven + said.erasedUnproven - said.unproven
    if (events === 0 && unproven === 0) continue
    changes.push({ siteId, quarterMs, eventType, events, unproven, erased: 0, erasedUnproven: 0 })
  }
  return changes.sort(inOrder)
}

/** In short transactions. Killed between two, the next rebuild finds by itself what is still wrong. */
async function write(storage: Storage<EventTables>, changes: readonly RollupChange[], { rebuilds }: Horizon) {
  let expected = rebuilds
  for (let start = 0; start < changes.length; start += CHANGES_PER_WRITE) {
    const part = changes.slice(start, start + CHANGES_PER_WRITE)
    await storage.transaction(async (inner) => {
      if (!(await passRebuild(inner, expected))) {
        throw new Error('Another rebuild wrote at the same time. Nothing is lost; run it again.')
      }
      await addToRollups(inner, part, SHARD)
    })
    expected += 1
  }
}

/**
 * Counts the events of a stretch anew and corrects the rollups, exactly, while servers write. What retention has
 * deleted events of is left alone: there the rollups are all that is known. Erased counts stay.
 *
 * @throws Error when another rebuild writes at the same time
 */
export async function rebuildRollups(
  storage: Storage<EventTables>,
  reader: SnapshotReader,
  { asked, onProgress }: { asked: Stretch; onProgress: OnProgress },
): Promise<Rebuilt> {
  const snapshot = await reader.read(asked, onProgress)
  const stretch = completePart(asked, snapshot.horizon)
  const changes = changesOf(snapshot)
  await write(storage, changes, snapshot.horizon)
  const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0)
  return {
    stretch,
    leftAlone: asked.fromMs < stretch.fromMs ? { fromMs: asked.fromMs, toMs: stretch.fromMs } : undefined,
    events: sum([...snapshot.counted.values()].map(({ events }) => events)),
    corrected: changes.length,
    added: sum(changes.map(({ events }) => Math.max(0, events))),
    removed: sum(changes.map(({ events }) => Math.max(0, -events))),
  }
}
