import {
  type Decision,
  type DecisionInput,
  decide,
  experience,
  type Observed,
  type Profile,
  type TakenIn,
  takeIn,
} from '@helloagain/recognition/linkage'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import { createLookUp } from './look-up.ts'
import type { RecognitionStore } from './ports.ts'
import type {
  ChangeProfile,
  Consider,
  Learn,
  Recogniser,
  RecogniserStore,
  Schooling,
  Take,
} from './recogniser-ports.ts'
import { createSiteKnowledge } from './site-knowledge.ts'
import { createTokeniser } from './tokeniser.ts'

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
  const lookUp = createLookUp({ store, knownAs })

  const consider: Consider = async (siteId, observed, { atMs, exceptVisitorId, knowsProof }) => {
    const [{ candidates, isTruncated, visitors, counts }, learned] = await Promise.all([
      lookUp(siteId, observed, exceptVisitorId),
      knowledge.read(siteId),
    ])
    const { tallies, weights } = learned
    const input: DecisionInput = {
      ...{ observed, candidates, isTruncated, atMs, knowsProof },
      knowledge: { visitors, counts, tallies, weights },
    }
    return { input, decision: decide(input) }
  }

  return {
    tokeniseFor: createTokeniser(keys),
    consider,
    async recognise(siteId, observed, question): Promise<Decision> {
      const { decision } = await consider(siteId, observed, question)
      if (question.teaches !== false) knowledge.add(siteId, experience(decision))
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
