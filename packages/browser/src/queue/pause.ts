import { type Persistence, readJson } from '../persistence/persistence.ts'

/**
 * How long the server is left alone: until when, tries that failed in a row, and whether the server asked for it; then
 * no sign of the page ends it early. By position: names of members differ between builds, and their pages share this.
 */
export type Pause = readonly [untilMs: number, failures: number, isAsked: boolean]

// The longest a Retry-After is followed. What is further ahead was written under a wrong clock, and counts as over: kept
// at an hour it would begin anew with each look, for as long as the clock was wrong.
const LONGEST_MS = 3_600_000

/** What storage holds as a pause: whatever is no number of it counts as 0, so that backing off begins anew. */
function toPause(kept: object): Pause {
  const [untilMs, failures, isAsked] = Array.isArray(kept) ? (kept as unknown[]) : []
  return [Number(untilMs) || 0, Math.max(Number(failures) || 0, 0), isAsked === true]
}

/** The pause of all tabs, and of the pages after them; that of this page alone where nothing may be stored. */
export interface PauseKeeper {
  read(): Pause
  /** Milliseconds of it that are left, an hour at most. */
  leftMs(): number
  keep(pause: Pause): void
  /** The server answers again. */
  end(): void
}

export function createPauseKeeper({
  store,
  key,
  isOnDisk,
  nowMs,
}: {
  store: Persistence
  key: string
  isOnDisk(): boolean
  nowMs(): number
}): PauseKeeper {
  const none: Pause = [0, 0, false]
  let own = none
  const read = (): Pause => {
    const kept = toPause((isOnDisk() && readJson(store, key)) || own)
    // A full disk keeps an older one than this page knows.
    return own[0] > kept[0] ? own : kept
  }
  return {
    read,
    leftMs() {
      const left = read()[0] - nowMs()
      return left > 0 && left <= LONGEST_MS ? left : 0
    },
    keep(pause) {
      // What the others can read may also be ended by them.
      own = isOnDisk() && store.set(key, JSON.stringify(pause)) ? none : pause
    },
    end() {
      own = none
      if (isOnDisk()) store.remove(key)
    },
  }
}
