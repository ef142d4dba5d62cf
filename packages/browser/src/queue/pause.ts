import { type Persistence, readJson } from '../persistence/persistence.ts'

/** How long the server is left alone. */
export interface Pause {
  untilMs: number
  /** Tries that failed in a row. */
  failures: number
  /** True where the server asked for it: then no event of the page ends it early. */
  isAsked: boolean
}

// The longest a Retry-After is followed. What is further ahead was written under a wrong clock.
const LONGEST_MS = 3_600_000

/** The pause of all tabs, and of the pages after them; that of this page alone where nothing may be stored. */
export interface PauseKeeper {
  read(): Pause
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
  const none: Pause = { untilMs: 0, failures: 0, isAsked: false }
  let own = none
  /** By position: the names of members differ between builds, and pages of two builds share this. */
  const parse = (): Pause | undefined => {
    const [untilMs, failures, isAsked] = Object.values(readJson<Record<string, unknown>>(store, key) ?? {})
    return typeof untilMs === 'number' && typeof failures === 'number'
      ? { untilMs, failures, isAsked: isAsked === true }
      : undefined
  }
  const read = (): Pause => (isOnDisk() ? parse() : undefined) ?? own
  return {
    read,
    leftMs() {
      const left = read().untilMs - nowMs()
      return left > 0 && left <= LONGEST_MS ? left : 0
    },
    keep(pause) {
      const { untilMs, failures, isAsked } = pause
      // What the others can read may also be ended by them.
      own = isOnDisk() && store.set(key, JSON.stringify([untilMs, failures, isAsked])) ? none : pause
    },
    end() {
      own = none
      if (isOnDisk()) store.remove(key)
    },
  }
}
