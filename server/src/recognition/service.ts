import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import { newId } from '../platform/ids.ts'
import { createMatcher, type TokenEvidence } from './matcher.ts'
import { isLinkable } from './policy.ts'
import type { Match, OwnEvidence, Recognition, RecognitionStore, Sighting, WeakEvidence } from './ports.ts'
import type { Recogniser, RecogniserStore } from './recogniser-ports.ts'

export interface RecognitionParts {
  readonly store: RecognitionStore
  readonly recogniser: Pick<Recogniser, 'learn' | 'recognise' | 'take'>
  readonly profiles: Pick<RecogniserStore, 'forgetProfile'>
  readonly keys: ServerKeys
  readonly nowMs: () => number
  /** Probability from which a fingerprint links, 0–100. @default 99 */
  readonly linkConfidence?: number
}

/** Recognition by weak evidence: device id, then fingerprint. It proves nothing and opens nothing. */
export function createRecognition(parts: RecognitionParts): Recognition {
  const { store, recogniser, profiles, keys, nowMs, linkConfidence } = parts
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
  async function keepProfile(
    { siteId, visitorId, atMs }: Sighting,
    { fingerprint, isProven = false }: OwnEvidence,
  ): Promise<void> {
    const observed = fingerprint?.observed
    const visitor = observed && (await store.findVisitor(siteId, visitorId))
    if (!visitor) return
    const isBot = visitor.botReasons !== null
    const isReturn = isProven && visitor.visitCount > 1
    // Whose a visit is that nothing proves is known of a new visitor alone: it is its own.
    const isLabelled = isProven || visitor.visitCount <= 1
    if (isLabelled && !isBot) await recogniser.learn(siteId, visitorId, observed, { atMs, isReturn })
    await recogniser.take(siteId, visitorId, observed, {
      ...{ atMs, isBot, isTrusted: isProven, holdsProof: isProven },
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
    match: (siteId, evidence, except) => matcher.match(siteId, tokenise(siteId, evidence), except),
    // biome-ignore lint/complexity/useMaxParams: the moment comes last in every room's port.
    async remember(siteId, visitorId, evidence, atMs) {
      const { deviceToken, fingerprint } = tokenise(siteId, evidence)
      const sighting = { siteId, visitorId, atMs }
      if (deviceToken !== undefined) await store.rememberDevice(sighting, deviceToken)
      // A server-made one is not kept: it recognises nobody, and so cannot replace a computed one either.
      if (fingerprint && fingerprint.source !== 'server_generated') {
        await store.rememberFingerprint(sighting, fingerprint)
        await keepProfile(sighting, evidence)
      }
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
