import { type DecisionInput, type Observed, planLookup } from '@helloagain/recognition/linkage'
import { groupByPerson, type Person, profileOf } from './persons.ts'
import type { RecognitionStore } from './ports.ts'
import type { Candidate, LookupBounds, RecogniserStore } from './recogniser-ports.ts'

/** RECOGNITION.md: a bounded number of candidates, from a few indexed keys. */
const BOUNDS: LookupBounds = { perBlock: 32, candidates: 32 }
const MAX_BLOCKS = 6

export interface LookUpParts {
  readonly store: Pick<RecogniserStore, 'find' | 'findProfile'>
  /** Where links of several steps lead. @default of each only the first step is known */
  readonly knownAs?: RecognitionStore['knownAs'] | undefined
}

type LookedUp = Pick<DecisionInput, 'candidates' | 'isTruncated'> &
  Pick<DecisionInput['knowledge'], 'counts' | 'visitors'>

/** What the store knows of visitors that look like this, the one that asks left out. */
export type LookUp = (
  siteId: string,
  observed: Observed,
  exceptVisitorId: string | undefined,
) => Promise<LookedUp>

export function createLookUp({ store, knownAs }: LookUpParts): LookUp {
  /** By visitor, whom links hold it to be. */
  async function findEnds(candidates: readonly Candidate[]): Promise<ReadonlyMap<string, string>> {
    const linked = candidates.flatMap(({ profile, knownAs: known }) =>
      known === undefined ? [] : [[profile.visitorId, known] as const],
    )
    if (linked.length === 0 || !knownAs) return new Map(linked)
    return knownAs(linked.map(([visitorId]) => visitorId))
  }

  async function countKeys(siteId: string, visitorId: string): Promise<string[]> {
    const profile = await store.findProfile(siteId, visitorId)
    return (profile?.sets.composites ?? []).map(({ token }) => token)
  }

  /** The count keys a person's visitors stand under, each as often as it is counted too much. */
  async function countedTwice(siteId: string, { candidates }: Person): Promise<string[]> {
    if (candidates.length === 1) return []
    const held = await Promise.all(candidates.map(({ profile }) => countKeys(siteId, profile.visitorId)))
    const all = held.flat()
    return all.filter((key, index) => all.indexOf(key) !== index)
  }

  return async (siteId, observed, exceptVisitorId) => {
    const { blocks, counts } = planLookup(observed)
    const [found, own] = await Promise.all([
      store.find(siteId, { blocks: blocks.slice(0, MAX_BLOCKS), counts }, BOUNDS),
      exceptVisitorId === undefined ? [] : countKeys(siteId, exceptVisitorId),
    ])
    const others = found.candidates.filter(({ profile }) => profile.visitorId !== exceptVisitorId)
    const grouped = groupByPerson(others, await findEnds(others))
    const persons = grouped.filter(({ visitorId }) => visitorId !== exceptVisitorId)
    // Each person is counted once, and whoever asks not at all: they would be their own twins.
    const twice = await Promise.all(persons.map((person) => countedTwice(siteId, person)))
    return {
      candidates: persons.map(profileOf),
      isTruncated: others.some(({ isListedWhole }) => !isListedWhole),
      visitors: found.visitors,
      counts: lower(found.counts, [...own, ...twice.flat()]),
    }
  }
}

function lower(counts: ReadonlyMap<string, number>, keys: readonly string[]): ReadonlyMap<string, number> {
  if (keys.length === 0) return counts
  const lowered = new Map(counts)
  for (const key of keys) {
    const count = lowered.get(key)
    if (count !== undefined) lowered.set(key, count - 1)
  }
  return lowered
}
