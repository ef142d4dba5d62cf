import { runAlone } from '../identity/one-at-a-time.ts'
import type { PageScope } from '../page-scope.ts'
import { type Persistence, readJson } from '../persistence/persistence.ts'

interface Lease {
  tab: string
  untilMs: number
}

export interface TurnOptions {
  scope: PageScope
  store: Persistence
  /** Name of the lock. */
  name: string
  /** Key of the lease. */
  key: string
  newId(): string
  nowMs(): number
  isOnDisk(): boolean
}

/** Lets one tab at a time work at the queue, for as long as its work takes. */
export interface Turn {
  /** @returns what the work gives, or undefined where another tab has the turn and there is no waiting for it */
  take<T>(work: () => Promise<T | undefined>): Promise<T | undefined>
  /** Says that the work goes on. */
  renew(): void
  /** Milliseconds after which the turn is free at the latest, where another tab has it. */
  leftMs(): number
}

// Longer than the longest call to the server; what a dead tab leaves behind is over after this.
const LEASE_MS = 15_000

/**
 * A Web Lock, or where there is none (plain http outside loopback; Safari before 15.4) a lease in localStorage. Two
 * tabs may write a lease in the same moment; then both send, and the server stores each event once.
 */
export function createTurn({ scope, store, name, key, newId, nowMs, isOnDisk }: TurnOptions): Turn {
  let tab = ''
  let isLeased = false

  function leftMs(): number {
    const { tab: holder, untilMs = 0 } = readJson<Lease>(store, key) ?? {}
    const left = untilMs - nowMs()
    // More than a lease ahead: the clock was wrong when it was written.
    return holder !== tab && left <= LEASE_MS ? Math.max(left, 0) : 0
  }
  function renew(): void {
    // Consent may have been withdrawn since the turn began.
    if (isLeased && isOnDisk())
      store.set(key, JSON.stringify({ tab, untilMs: nowMs() + LEASE_MS } satisfies Lease))
  }
  async function takeLease<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
    if (leftMs()) return undefined
    tab ||= newId()
    isLeased = true
    renew()
    // Another tab wrote after this one.
    if (leftMs()) return undefined
    try {
      return await work()
    } finally {
      isLeased = false
      if (!leftMs()) store.remove(key)
    }
  }
  return {
    take: (work) => runAlone(scope, name, { work, without: () => takeLease(work) }),
    renew,
    leftMs,
  }
}
