import type { RawSignals } from '../world/visit.ts'
import { createMint, type Rival, type RivalVisit } from './rival.ts'

export interface ExactHashOptions {
  /** What is hashed, as one text. */
  readonly hash: (visit: RivalVisit) => string
  /** It abstains where several visitors hold the hash, as far as proof has told them apart; else it names the last. */
  readonly isSingleHolder?: boolean
  readonly confidence?: (signals: RawSignals) => number
}

/** Whoever shows the very same is the same. */
export function createExactHash(name: string, { hash, isSingleHolder, confidence }: ExactHashOptions): Rival {
  const holders = new Map<string, Set<string>>()
  const mint = createMint()

  function keep(key: string, visitor: string): void {
    const held = holders.get(key) ?? new Set()
    // The last comes last.
    held.delete(visitor)
    holders.set(key, held.add(visitor))
  }

  return {
    name,
    assign(visit, known) {
      const key = hash(visit)
      const held = [...(holders.get(key) ?? [])]
      const isTold = held.length === 1 || (held.length > 1 && isSingleHolder !== true)
      const found = known ?? (isTold ? held.at(-1) : undefined)
      const visitor = found ?? mint()
      keep(key, visitor)
      return {
        visitor,
        answered: found !== undefined,
        ...(confidence !== undefined && { confidence: confidence(visit.signals) }),
      }
    },
  }
}
