import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import { newId } from '../platform/ids.ts'
import type { BotWatch } from './bot-watch.ts'
import { createMatcher, type TokenEvidence } from './matcher.ts'
import { isLinkable } from './policy.ts'
import type { Match, OwnEvidence, Recognition, RecognitionStore, WeakEvidence } from './ports.ts'
import type { Recogniser, RecogniserStore } from './recogniser-ports.ts'

export interface RecognitionParts {
  readonly store: RecognitionStore
  readonly recogniser: Pick<Recogniser, 'learn' | 'recognise' | 'take'>
  readonly profiles: Pick<RecogniserStore, 'forgetProfile'>
  readonly bots: BotWatch
  /** Programs are recognised by fingerprint, too: for tests that drive a browser. @default false */
  readonly recognisesBots?: boolean
  readonly keys: ServerKeys
  readonly nowMs: () => number
  /** Probability from which a fingerprint links, 0–100. @default 99 */
  readonly linkConfidence?: number
}

type Judged = NonNullable<Awaited<ReturnType<BotWatch['judge']>>>

/** Recognition by weak evidence: device id, then fingerprint. It proves nothing and opens nothing. */
export function createRecognition(parts: RecognitionParts): Recognition {
  const { store, recogniser, profiles, bots, keys, nowMs, linkConfidence, recognisesBots } = parts
  const matcher = createMatcher({ store, recogniser, nowMs })

  function tokenise(siteId: string, { deviceId, fingerprint }: WeakEvidence): TokenEvidence {
    return {
      ...(fingerprint && { fingerprint }),
      ...(deviceId !== undefined && {
        deviceToken: keys.mac('device-id', `${siteId}\n${deviceId}`).toString('base64url'),
      }),
    }
  }

  /** Lets the recogniser learn from an observation, then keep it: a lesson compares it with what was there before. */
  async function keepProfile({ visitor, isBot }: Judged, evidence: OwnEvidence, atMs: number): Promise<void> {
    const { fingerprint, isProven = false } = evidence
    const observed = fingerprint?.observed
    if (!observed) return
    const { siteId, id } = visitor
    const isReturn = isProven && visitor.visitCount > 1
    // Whose a visit is that nothing proves is known of a new visitor alone: it is its own.
    const isLabelled = isProven || visitor.visitCount <= 1
    if (isLabelled && !isBot && !visitor.isShared)
      await recogniser.learn(siteId, id, observed, { atMs, isReturn })
    await recogniser.take(siteId, id, observed, {
      ...{ atMs, isBot: isBot && recognisesBots !== true, isTrusted: isProven, holdsProof: isProven },
    })
  }

  return {
    async createVisitor(siteId, atMs, id = newId()) {
      const visitor = {
        id,
        siteId,
        firstSeenAtMs: atMs,
        lastSeenAtMs: atMs,
        visitCount: 0,
        userId: null,
        botReasons: null,
      }
      await store.insertVisitor(visitor)
      return visitor
    },
    findVisitor: (siteId, visitorId) => store.findVisitor(siteId, visitorId),
    suspect: (context, evidence) => ({ ...evidence, botReasons: bots.reasonsOf(context, evidence) }),
    async match(siteId, evidence, except) {
      const tokens = tokenise(siteId, recognisesBots ? evidence : withoutBots(evidence))
      const pointed = await matcher.match(siteId, tokens, except)
      if (!pointed || !(await store.isShared(pointed.visitorId))) return pointed?.match
      // Else who comes next would be told to be this one.
      if (except !== undefined) await store.markShared(siteId, except)
      return undefined
    },
    markShared: (siteId, visitorId) => store.markShared(siteId, visitorId),
    // biome-ignore lint/complexity/useMaxParams: the moment comes last in every room's port.
    async remember(siteId, visitorId, evidence, atMs) {
      const { deviceToken, fingerprint } = tokenise(siteId, evidence)
      const sighting = { siteId, visitorId, atMs }
      if (deviceToken !== undefined) await store.rememberDevice(sighting, deviceToken)
      // A server-made one is not kept: it recognises nobody, and so cannot replace a computed one either.
      if (fingerprint && fingerprint.source !== 'server_generated') {
        await store.rememberFingerprint(sighting, fingerprint)
      }
      const isTelling = fingerprint?.observed || evidence.botReasons?.length
      const judged = isTelling && (await bots.judge(siteId, visitorId, evidence))
      if (judged) await keepProfile(judged, evidence, atMs)
    },
    // biome-ignore lint/complexity/useMaxParams: the moment comes last in every room's port.
    async link(siteId, visitorId, match, atMs) {
      if (visitorId !== match.visitorId) await store.insertLink(toLink(visitorId, match, { siteId, atMs }))
    },
    keepApart: async (siteId, visitorId, atMs) => void (await store.keepApart(siteId, visitorId, atMs)),
    userArrived: (presence, atMs, untilMs) => store.openEdge(presence, atMs, untilMs),
    userLeft: (presence, atMs) => store.closeEdges(presence, atMs),
    listLinks: (siteId, visitorId) => store.listLinks(siteId, visitorId),
    hasFingerprint: (visitorId) => store.hasFingerprint(visitorId),
    async forget(siteId, visitorId) {
      const rows = await profiles.forgetProfile(siteId, visitorId)
      return rows + (await store.forget(siteId, visitorId))
    },
    isLinkable: (match) => isLinkable(match, linkConfidence),
  }
}

/** Of a program, what is left without its fingerprint. */
function withoutBots(evidence: WeakEvidence): WeakEvidence {
  if (!evidence.botReasons?.length) return evidence
  const { fingerprint: _, ...rest } = evidence
  return rest
}

function toLink(
  visitorId: string,
  { visitorId: knownVisitorId, evidence, ...match }: Match,
  { siteId, atMs }: { siteId: string; atMs: number },
) {
  return {
    id: newId(),
    siteId,
    visitorId,
    knownVisitorId,
    ...match,
    createdAtMs: atMs,
    undoneAtMs: null,
    evidence: evidence ?? null,
    undoneReason: null,
  }
}
