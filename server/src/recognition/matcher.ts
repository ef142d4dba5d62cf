import { MIN_LINK_OBSERVATION_CONFIDENCE } from '@helloagain/protocol'
import { DEVICE_ID_CONFIDENCE, fingerprintProbability, MAX_HOLDERS } from './policy.ts'
import type { Match, Observation, RecognitionStore } from './ports.ts'

const COUNT_KEPT_MS = 60_000
// Links point at the oldest visitor; a longer chain comes about only where that one was itself linked later.
const MAX_LINK_STEPS = 5

type Reads = Pick<RecognitionStore, 'countVisitors' | 'holdersOfDevice' | 'holdersOfFingerprint' | 'knownAs'>

/** Weak evidence with its device id already turned into the site's token. */
export interface TokenEvidence {
  readonly deviceToken?: string
  readonly fingerprint?: Observation
}

/** Finds the one known person that weak evidence points to. */
export interface Matcher {
  match(siteId: string, evidence: TokenEvidence, exceptVisitorId?: string): Promise<Match | undefined>
}

export function createMatcher({ store, nowMs }: { store: Reads; nowMs: () => number }): Matcher {
  const countVisitors = createVisitorCount(store, nowMs)

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

  async function matchFingerprint(
    siteId: string,
    { hash, confidence: observationConfidence, bits, source }: Observation,
    except: string | undefined,
  ): Promise<Match | undefined> {
    if (source === 'server_generated' || observationConfidence < MIN_LINK_OBSERVATION_CONFIDENCE)
      return undefined
    const holders = await store.holdersOfFingerprint(siteId, hash, MAX_HOLDERS)
    const visitorId = await onlyPerson(holders, except)
    if (visitorId === undefined) return undefined
    const confidence = fingerprintProbability(bits, await countVisitors(siteId))
    return { visitorId, method: 'fingerprint_recognized', confidence, observationConfidence, anonymitySet: 1 }
  }

  return {
    async match(siteId, { deviceToken, fingerprint }, except) {
      const byDevice = deviceToken === undefined ? undefined : await matchDevice(siteId, deviceToken, except)
      if (byDevice || !fingerprint) return byDevice
      return matchFingerprint(siteId, fingerprint, except)
    },
  }
}

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
