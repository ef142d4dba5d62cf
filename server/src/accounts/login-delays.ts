import { Problem } from '../platform/http/problem.ts'
import { FAILURE_MEMORY_MS, loginDelayMs } from './policy.ts'

const MAX_NAMES = 100_000

/** Growing pauses after wrong passwords, by name (SECURITY.md R43, R44). */
export interface LoginDelays {
  /**
   * Counts a try before its password is checked, so that tries at the same instant cannot slip through together.
   *
   * @throws Problem `request.rate_limited` with Retry-After
   */
  take(name: string): void
  /** The try was not one after all: nothing was checked. */
  giveBack(name: string): void
  /** The password was right. */
  clear(name: string): void
}

interface Failures {
  count: number
  lastAtMs: number
}

/** In this process; names are expected to be hashed by the caller, so that no address lies in memory. */
export function createLoginDelays(nowMs: () => number): LoginDelays {
  const failures = new Map<string, Failures>()

  function find(name: string): Failures | undefined {
    const found = failures.get(name)
    return found && nowMs() - found.lastAtMs < FAILURE_MEMORY_MS ? found : undefined
  }
  function keep(name: string, value: Failures): void {
    // Moved to the end: who was tried longest ago makes room first.
    failures.delete(name)
    const [oldest] = failures.size >= MAX_NAMES ? failures.keys() : []
    if (oldest !== undefined) failures.delete(oldest)
    failures.set(name, value)
  }

  return {
    take(name) {
      const atMs = nowMs()
      const { count, lastAtMs } = find(name) ?? { count: 0, lastAtMs: 0 }
      const leftMs = lastAtMs + loginDelayMs(count) - atMs
      if (leftMs > 0) {
        throw new Problem('request.rate_limited', { retryAfterSeconds: Math.max(1, leftMs / 1000) })
      }
      keep(name, { count: count + 1, lastAtMs: atMs })
    },
    giveBack(name) {
      const found = find(name)
      if (found) keep(name, { ...found, count: Math.max(0, found.count - 1) })
    },
    clear: (name) => void failures.delete(name),
  }
}
