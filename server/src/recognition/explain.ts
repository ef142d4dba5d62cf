import { MIN_LINK_OBSERVATION_CONFIDENCE } from '@helloagain/protocol'
import type { Decision, Observed, Profile } from '@helloagain/recognition/linkage'
import type { ExplainStore } from './explain-rows.ts'
import { MIN_LINK_CONFIDENCE } from './policy.ts'
import type { RecognitionStore, Visitor, VisitorLink } from './ports.ts'
import type { Consider, RecogniserStore } from './recogniser-ports.ts'

/** What it takes to link two visitors by fingerprint. */
interface Thresholds {
  readonly confidence: number
  readonly observationConfidence: number
  readonly anonymitySet: number
}

/** Why a visitor is, or is not, held to be somebody known; docs/recognition.md has a paragraph for each. */
export const EXPLAIN_REASONS = {
  would_link: 'The evidence is good enough to link this visitor to a known one.',
  is_program: 'It is held to be a program: programs are not recognised by fingerprint.',
  shared_browser:
    'Somebody said "not me" at the browser it looks like: its fingerprint names nobody any more.',
  no_profile:
    'Nothing is remembered of its fingerprint: it brought none (no consent, or the visit was too short), or it has expired.',
  poor_observation: 'The observation tells too little to link by.',
  several_alike: 'Several known visitors look alike, and any of them may be meant.',
  somebody_new: 'It is more likely somebody new than any visitor that is known.',
  nobody_sure: 'One known visitor fits best, but not surely enough to say so.',
  not_sure_enough: 'One known visitor is likely meant, but not surely enough to link.',
} as const

export type ExplainReason = keyof typeof EXPLAIN_REASONS

export interface Explained {
  readonly visitor: Visitor
  readonly profile: Profile | undefined
  /** Of the profile against everybody else's, at the moment it was last seen; undefined without a profile. */
  readonly decision: Decision | undefined
  readonly observationConfidence: number | undefined
  readonly thresholds: Thresholds
  readonly isLinkable: boolean
  readonly reasons: readonly ExplainReason[]
  /** From this visitor to the one it is held to be, and back; undone ones too. */
  readonly links: readonly VisitorLink[]
}

/** The last look at a browser, as far as its profile still tells. */
function lastLook(profile: Profile, confidence: number): Observed {
  const { composites: _, ...sets } = profile.sets
  const latest = Object.entries(sets).flatMap(([name, set]) => {
    const [last] = [...set].sort((one, other) => other.lastSeenAtMs - one.lastSeenAtMs)
    return last ? [[name, last.token] as const] : []
  })
  const { browserFamily, browserMajor, osFamily, screenClass } = profile
  return {
    tokens: Object.fromEntries(latest),
    ...{ browserFamily, browserMajor, osFamily, screenClass, confidence },
    // Noise and contradictions are not kept; what they cost shows in the confidence of the observation.
    unstable: [],
    contradictions: 0,
  }
}

const isBot = ({ botReasons }: Visitor) => (botReasons?.length ?? 0) > 0

function judge(
  { method, confidence, anonymitySet }: Decision,
  observed: number,
  least: Thresholds,
): ExplainReason[] {
  const reasons: ExplainReason[] = observed < least.observationConfidence ? ['poor_observation'] : []
  if (anonymitySet > least.anonymitySet) reasons.push('several_alike')
  else if (method === 'new') reasons.push('somebody_new')
  else if (method === 'none') reasons.push('nobody_sure')
  else if (confidence < least.confidence) reasons.push('not_sure_enough')
  return reasons.length > 0 ? reasons : ['would_link']
}

export interface ExplainParts {
  readonly store: ExplainStore &
    Pick<RecogniserStore, 'findProfile'> &
    Pick<RecognitionStore, 'findVisitor' | 'isShared' | 'listLinks'>
  readonly consider: Consider
  /** Probability from which a fingerprint links, 0–100. @default 99 */
  readonly linkConfidence?: number
}

/** Undefined for a visitor the site does not have. */
export type Explain = (siteId: string, visitorId: string) => Promise<Explained | undefined>

/**
 * Decides again about a visitor: its profile against everybody else's, as if it came without cookie and key. Tells
 * bits and states, never a value.
 */
export function createExplain({
  store,
  consider,
  linkConfidence = MIN_LINK_CONFIDENCE,
}: ExplainParts): Explain {
  const thresholds: Thresholds = {
    confidence: linkConfidence,
    observationConfidence: MIN_LINK_OBSERVATION_CONFIDENCE,
    anonymitySet: 1,
  }

  /** Whether the visitor that is named, or looks likest, was at a browser that several people use. */
  async function isAtShared({ visitorId, method, explanation }: Decision): Promise<boolean> {
    const likeliest = method === 'new' ? undefined : (visitorId ?? explanation.best?.visitorId)
    return likeliest !== undefined && store.isShared(likeliest)
  }

  async function reasonsOf(visitor: Visitor, observed: number, decision: Decision | undefined) {
    if (isBot(visitor)) return ['is_program'] as const
    if (!decision) return ['no_profile'] as const
    if (await isAtShared(decision)) return ['shared_browser'] as const
    return judge(decision, observed, thresholds)
  }

  async function reconsider(siteId: string, profile: Profile, confidence: number): Promise<Decision> {
    const { lastSeenAtMs: atMs, visitorId: exceptVisitorId } = profile
    const look = lastLook(profile, confidence)
    return (await consider(siteId, look, { atMs, exceptVisitorId, knowsProof: true })).decision
  }

  return async (siteId, visitorId) => {
    const visitor = await store.findVisitor(siteId, visitorId)
    if (!visitor) return undefined
    const [profile, links, observationConfidence] = await Promise.all([
      store.findProfile(siteId, visitorId),
      store.listLinks(siteId, visitorId),
      store.lastObservation(siteId, visitorId),
    ])
    const observed = observationConfidence ?? 0
    const decision = profile && (await reconsider(siteId, profile, observed))
    const reasons: readonly ExplainReason[] = await reasonsOf(visitor, observed, decision)
    return {
      ...{ visitor, profile, decision, observationConfidence, links, thresholds, reasons },
      isLinkable: reasons.includes('would_link'),
    }
  }
}
