import { decide } from './decide.ts'
import { experience } from './experience.ts'
import { DAY_MS } from './gaps.ts'
import { planLookup } from './plan-lookup.ts'
import { startWeights } from './start-weights.ts'
import { type TakeInOptions, takeIn } from './take-in.ts'
import type { Decision, DecisionInput, Observed, Profile, Tally, Weights } from './types.ts'

/** Candidates a block gives, newest first, as the server's store gives them. */
const PER_BLOCK = 32

export interface MemoryBase {
  readonly profiles: ReadonlyMap<string, Profile>
  readonly tallies: ReadonlyMap<string, Tally>
  weights: Weights
  input(observed: Observed, at: { atMs: number; knowsProof?: boolean; except?: string }): DecisionInput
  /** Decides, and adds what the decision teaches. */
  recognise(observed: Observed, at: { atMs: number; knowsProof?: boolean; except?: string }): Decision
  take(observed: Observed, at: Partial<TakeInOptions> & { visitorId: string; atMs: number }): Profile
  add(tallies: ReadonlyMap<string, Tally>): void
}

/** A site's store in memory, for tests: what the server keeps in its tables. */
export function createMemoryBase({ ttlMs = 30 * DAY_MS } = {}): MemoryBase {
  const profiles = new Map<string, Profile>()
  /** By block, visitors in the order they were seen; once more for each time. */
  const blocks = new Map<string, string[]>()
  const counts = new Map<string, number>()
  const tallies = new Map<string, Tally>()
  const count = (key: string, by: number) => counts.set(key, (counts.get(key) ?? 0) + by)

  function forget(visitorId: string): void {
    for (const { token } of profiles.get(visitorId)?.sets.composites ?? []) count(token, -1)
    profiles.delete(visitorId)
  }

  const isAlive = (id: string, atMs: number) => (profiles.get(id)?.lastSeenAtMs ?? 0) > atMs - ttlMs

  /** Adds a block's newest visitors; true when there are more. */
  function collect(block: string, atMs: number, found: Set<string>): boolean {
    const ids = blocks.get(block) ?? []
    const mine = new Set<string>()
    for (let at = ids.length - 1; at >= 0 && mine.size <= PER_BLOCK; at--) {
      const id = ids[at] ?? ''
      if (isAlive(id, atMs)) mine.add(id)
      else forget(id)
    }
    for (const id of [...mine].slice(0, PER_BLOCK)) found.add(id)
    return mine.size > PER_BLOCK
  }

  const base: MemoryBase = {
    profiles,
    tallies,
    weights: startWeights(),
    input(observed, { atMs, knowsProof = false, except }) {
      const lookup = planLookup(observed)
      const found = new Set<string>()
      const truncated = lookup.blocks.map((block) => collect(block, atMs, found))
      if (except !== undefined) found.delete(except)
      return {
        observed,
        candidates: [...found].flatMap((id) => profiles.get(id) ?? []),
        isTruncated: truncated.includes(true),
        knowledge: {
          visitors: profiles.size,
          counts: new Map(lookup.counts.map((key) => [key, counts.get(key) ?? 0])),
          tallies,
          weights: base.weights,
        },
        atMs,
        knowsProof,
      }
    },
    recognise(observed, at) {
      const decision = decide(base.input(observed, at))
      base.add(experience(decision))
      return decision
    },
    take(observed, at) {
      const options = { holdsProof: false, isTrusted: true, ttlMs, ...at }
      const taken = takeIn(profiles.get(at.visitorId), observed, options)
      profiles.set(at.visitorId, taken.profile)
      for (const key of taken.gained) count(key, 1)
      for (const key of taken.lost) count(key, -1)
      for (const block of taken.blocks) {
        const held = blocks.get(block) ?? []
        blocks.set(block, held)
        held.push(at.visitorId)
      }
      return taken.profile
    },
    add: (more) => addTallies(tallies, more),
  }
  return base
}

function addTallies(tallies: Map<string, Tally>, more: ReadonlyMap<string, Tally>): void {
  for (const [name, { hits, total }] of more) {
    const before = tallies.get(name)
    tallies.set(name, { hits: (before?.hits ?? 0) + hits, total: (before?.total ?? 0) + total })
  }
}
