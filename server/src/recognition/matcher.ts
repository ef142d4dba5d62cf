import { MIN_LINK_OBSERVATION_CONFIDENCE } from '@helloagain/protocol'
import type { CandidateBits, Decision, Observed } from '@helloagain/recognition/linkage'
import { createDailyCaps, LESSONS_PER_PREFIX } from './learning-policy.ts'
import { DEVICE_ID_CONFIDENCE, fingerprintProbability, MAX_HOLDERS } from './policy.ts'
import type { LinkEvidence, Match, Observation, RecognitionStore } from './ports.ts'
import type { Recogniser } from './recogniser-ports.ts'

const COUNT_KEPT_MS = 60_000
// Links point at the oldest visitor; a longer chain comes about only where that one was itself linked later.
const MAX_LINK_STEPS = 5

type Reads = Pick<RecognitionStore, 'countVisitors' | 'holdersOfDevice' | 'holdersOfFingerprint' | 'knownAs'>

/** Weak evidence with its device id already turned into the site's token. */
export interface TokenEvidence {
  readonly deviceToken?: string
  readonly fingerprint?: Observation
}

/** Whom weak evidence points to. */
interface Pointed {
  readonly visitorId: string
  /** Absent where others fit as well, or nobody well enough. */
  readonly match?: Match
}

/** Finds the one known person that weak evidence points to. */
export interface Matcher {
  match(siteId: string, evidence: TokenEvidence, exceptVisitorId?: string): Promise<Pointed | undefined>
}

export interface MatcherParts {
  readonly store: Reads
  readonly recogniser: Pick<Recogniser, 'recognise'>
  readonly nowMs: () => number
}

export function createMatcher({ store, recogniser, nowMs }: MatcherParts): Matcher {
  const countVisitors = createVisitorCount(store, nowMs)
  const caps = createDailyCaps()

  /** The oldest visitor each one is held to be; visitors of one person come to the same. */
  async function personsOf(visitorIds: readonly string[]): Promise<Set<string>> {
    let current = new Set(visitorIds)
    for (let step = 0; step < MAX_LINK_STEPS; step += 1) {
      const known = await store.knownAs([...current])
      if (known.size === 0) break
      current = new Set([...current].map((id) => known.get(id) ?? id))
    }
    return current
  }

  /** The one person behind the holders of some evidence; undefined for none and for several. */
  async function onlyPerson(holders: readonly string[], exceptVisitorId: string | undefined) {
    const persons = await personsOf(holders.filter((id) => id !== exceptVisitorId))
    const [visitorId] = persons
    return persons.size === 1 && visitorId !== exceptVisitorId ? visitorId : undefined
  }

  async function matchDevice(
    siteId: string,
    deviceToken: string,
    except: string | undefined,
  ): Promise<Match | undefined> {
    const holders = await store.holdersOfDevice(siteId, deviceToken, MAX_HOLDERS)
    const visitorId = await onlyPerson(holders, except)
    if (visitorId === undefined) return undefined
    const confidence = DEVICE_ID_CONFIDENCE
    return { visitorId, method: 'device_id', confidence, observationConfidence: 100, anonymitySet: 1 }
  }

  /** Who nothing proves may come as often as they like: then their visits say nothing (SECURITY.md S6). */
  function teaches(siteId: string, { tokens }: Observed): boolean {
    const prefix = tokens.networkPrefix ?? 'unknown'
    return caps.pass([[`${siteId}//${prefix}`, LESSONS_PER_PREFIX]], nowMs())
  }

  /** By the signals themselves. */
  async function matchSignals(
    siteId: string,
    observed: Observed,
    except: string | undefined,
  ): Promise<Pointed | undefined> {
    const decision = await recogniser.recognise(siteId, observed, {
      ...{ atMs: nowMs(), knowsProof: except !== undefined, teaches: teaches(siteId, observed) },
      ...(except !== undefined && { exceptVisitorId: except }),
    })
    return toPointed(decision, observed.confidence)
  }

  /** By a hash that comes alone. */
  async function matchHash(
    siteId: string,
    { hash, confidence: observationConfidence, bits }: Observation,
    except: string | undefined,
  ): Promise<Match | undefined> {
    const holders = await store.holdersOfFingerprint(siteId, hash, MAX_HOLDERS)
    const visitorId = await onlyPerson(holders, except)
    if (visitorId === undefined) return undefined
    const confidence = fingerprintProbability(bits, await countVisitors(siteId))
    return { visitorId, method: 'fingerprint_recognized', confidence, observationConfidence, anonymitySet: 1 }
  }

  return {
    async match(siteId, { deviceToken, fingerprint }, except) {
      const byDevice = deviceToken === undefined ? undefined : await matchDevice(siteId, deviceToken, except)
      if (byDevice) return toPointedBy(byDevice)
      if (!fingerprint || !isUsable(fingerprint)) return undefined
      const { observed } = fingerprint
      if (observed) return matchSignals(siteId, observed, except)
      return toPointedBy(await matchHash(siteId, fingerprint, except))
    },
  }
}

/** Document 000's rule: a fingerprint is used from a confidence of 60 on. */
const isUsable = ({ source, confidence }: Observation) =>
  source !== 'server_generated' && confidence >= MIN_LINK_OBSERVATION_CONFIDENCE

const toPointedBy = (match: Match | undefined): Pointed | undefined =>
  match && { visitorId: match.visitorId, match }

/** An answer that names somebody, or that cannot tell; not that it is somebody new. */
function toPointed(decision: Decision, observationConfidence: number): Pointed | undefined {
  const { method, visitorId, anonymitySet, explanation } = decision
  if (visitorId === undefined) {
    return method === 'none' && explanation.best ? { visitorId: explanation.best.visitorId } : undefined
  }
  return toPointedBy({
    ...{ visitorId, method: 'fingerprint_recognized', observationConfidence, anonymitySet },
    // Rounded down, so that 98.9 is not 99.
    confidence: Math.floor(decision.confidence),
    evidence: toEvidence(explanation),
  })
}

const toEvidence = ({ best, runnerUp }: Decision['explanation']): LinkEvidence => ({
  groups: best?.groups ?? {},
  ...(runnerUp && { runnerUp: toRunnerUp(runnerUp) }),
})

const toRunnerUp = ({ probability }: CandidateBits) => ({
  confidence: Math.round(1000 * probability) / 10,
})

/** Counting a million rows for every match would cost more than the match; a minute-old figure does. */
function createVisitorCount(store: Reads, nowMs: () => number) {
  const kept = new Map<string, { total: number; atMs: number }>()
  return async (siteId: string): Promise<number> => {
    const last = kept.get(siteId)
    if (last && nowMs() - last.atMs < COUNT_KEPT_MS && nowMs() >= last.atMs) return last.total
    const total = await store.countVisitors(siteId)
    kept.set(siteId, { total, atMs: nowMs() })
    return total
  }
}
