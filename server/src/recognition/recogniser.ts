import {
  type Decision,
  type DecisionInput,
  decide,
  experience,
  type Observed,
  type Profile,
  planLookup,
  type TakenIn,
  takeIn,
} from '@helloagain/recognition/linkage'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import { groupByPerson, type Person, profileOf } from './persons.ts'
import type { RecognitionStore } from './ports.ts'
import type {
  Candidate,
  ChangeProfile,
  Consider,
  Found,
  Learn,
  LookupBounds,
  Recogniser,
  RecogniserStore,
  Schooling,
  Take,
} from './recogniser-ports.ts'
import { createSiteKnowledge } from './site-knowledge.ts'
import { createTokeniser } from './tokeniser.ts'

/** RECOGNITION.md: a bounded number of candidates, from a few indexed keys. */
const BOUNDS: LookupBounds = { perBlock: 32, candidates: 32 }
const MAX_BLOCKS = 6
const SAME_LOOK_MS = 60_000

export interface RecogniserParts {
  readonly store: RecogniserStore
  readonly keys: Pick<ServerKeys, 'mac'>
  readonly nowMs: () => number
  /** How long a value is remembered after it was last seen. */
  readonly ttlMs: number
  /** Where links of several steps lead. @default of each only the first step is known */
  readonly knownAs?: RecognitionStore['knownAs']
  /** Learns from visits that key or cookie has proven. @default nothing is learned */
  readonly learning?: (schooling: Schooling) => Learn
}

/** A recogniser and what it is made of, for those who ask without being answered. */
export interface RecogniserDesk extends Recogniser {
  readonly consider: Consider
}

export function createRecogniser(parts: RecogniserParts): RecogniserDesk {
  const { store, keys, nowMs, ttlMs, knownAs, learning } = parts
  const knowledge = createSiteKnowledge({ store, nowMs })

  /** The count keys a person's visitors stand under, each as often as it is counted too much. */
  async function countedTwice(siteId: string, { candidates }: Person): Promise<string[]> {
    const held = await Promise.all(
      candidates.map(async ({ profile }) => {
        const whole = await store.findProfile(siteId, profile.visitorId)
        return (whole?.sets.composites ?? []).map(({ token }) => token)
      }),
    )
    const all = held.flat()
    return all.filter((key, index) => all.indexOf(key) !== index)
  }

  /** Counts each person once: who came back without its cookie and was linked would else be its own twin. */
  async function countPersons(siteId: string, persons: readonly Person[], { counts }: Found) {
    const several = persons.filter(({ candidates }) => candidates.length > 1)
    if (several.length === 0) return counts
    const corrected = new Map(counts)
    for (const person of several) {
      for (const key of await countedTwice(siteId, person)) {
        const count = corrected.get(key)
        if (count !== undefined) corrected.set(key, count - 1)
      }
    }
    return corrected
  }

  /** By visitor, whom links hold it to be. */
  async function findEnds(candidates: readonly Candidate[]): Promise<ReadonlyMap<string, string>> {
    const linked = candidates.flatMap(({ profile, knownAs: known }) =>
      known === undefined ? [] : [[profile.visitorId, known] as const],
    )
    if (linked.length === 0 || !knownAs) return new Map(linked)
    return knownAs(linked.map(([visitorId]) => visitorId))
  }

  async function look(siteId: string, observed: Observed, exceptVisitorId: string | undefined) {
    const { blocks, counts } = planLookup(observed)
    const found = await store.find(siteId, { blocks: blocks.slice(0, MAX_BLOCKS), counts }, BOUNDS)
    const others = found.candidates.filter(({ profile }) => profile.visitorId !== exceptVisitorId)
    const grouped = groupByPerson(others, await findEnds(others))
    const persons = grouped.filter(({ visitorId }) => visitorId !== exceptVisitorId)
    return { found, persons, counts: await countPersons(siteId, persons, found) }
  }

  const consider: Consider = async (siteId, observed, { atMs, exceptVisitorId, knowsProof }) => {
    const [{ found, persons, counts }, learned] = await Promise.all([
      look(siteId, observed, exceptVisitorId),
      knowledge.read(siteId),
    ])
    const input: DecisionInput = {
      observed,
      candidates: persons.map(profileOf),
      isTruncated: found.candidates.some(({ isListedWhole }) => !isListedWhole),
      knowledge: { visitors: found.visitors, counts, ...learned },
      atMs,
      knowsProof,
    }
    return { input, decision: decide(input) }
  }

  return {
    tokeniseFor: createTokeniser(keys),
    consider,
    async recognise(siteId, observed, question): Promise<Decision> {
      const { decision } = await consider(siteId, observed, question)
      knowledge.add(siteId, experience(decision))
      return decision
    },
    // biome-ignore lint/complexity/useMaxParams: whose, what, and how it came.
    async take(siteId, visitorId, observed, take) {
      if (take.isBot) return
      await store.change(siteId, visitorId, changeBy(visitorId, observed, { ...take, ttlMs }))
    },
    learn:
      learning?.({ consider, findProfile: store.findProfile, add: knowledge.add }) ?? (async () => undefined),
    flush: knowledge.flush,
  }
}

/** The same again within moments: reloads, and tabs that open together. Each writing would be a commit. */
const isSameLook = (known: Profile, { profile, novelties, gained, lost }: TakenIn): boolean =>
  novelties + gained.length + lost.length === 0 && profile.lastSeenAtMs - known.lastSeenAtMs < SAME_LOOK_MS

/** How an observation changes the profile of the visitor it is held to be of. */
function changeBy(
  visitorId: string,
  observed: Observed,
  { atMs, ttlMs, isTrusted, holdsProof }: Take & { readonly ttlMs: number },
): ChangeProfile {
  return (known) => {
    // Whoever holds a key or cookie shows it: a fingerprint without is somebody else's word (SECURITY.md S5).
    if (known?.holdsProof === true && !isTrusted) return undefined
    const holds = holdsProof || known?.holdsProof === true
    const taken = takeIn(known, observed, { visitorId, atMs, ttlMs, holdsProof: holds, isTrusted })
    return known && holds === known.holdsProof && isSameLook(known, taken) ? undefined : taken
  }
}
