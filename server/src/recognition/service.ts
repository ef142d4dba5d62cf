import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import { newId } from '../platform/ids.ts'
import { createMatcher, type TokenEvidence } from './matcher.ts'
import { isLinkable } from './policy.ts'
import type { Match, Recognition, RecognitionStore, WeakEvidence } from './ports.ts'

export interface RecognitionParts {
  readonly store: RecognitionStore
  readonly keys: ServerKeys
  readonly nowMs: () => number
}

/** Recognition by weak evidence: device id, then exact fingerprint. It proves nothing and opens nothing. */
export function createRecognition({ store, keys, nowMs }: RecognitionParts): Recognition {
  const matcher = createMatcher({ store, nowMs })

  function tokenise(siteId: string, { deviceId, fingerprint }: WeakEvidence): TokenEvidence {
    return {
      ...(fingerprint && { fingerprint }),
      ...(deviceId !== undefined && {
        deviceToken: keys.mac('device-id', `${siteId}\n${deviceId}`).toString('base64url'),
      }),
    }
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
    forget: (siteId, visitorId) => store.forget(siteId, visitorId),
    isLinkable,
  }
}

function toLink(
  visitorId: string,
  { visitorId: knownVisitorId, method, confidence, observationConfidence, anonymitySet }: Match,
  { siteId, atMs }: { siteId: string; atMs: number },
) {
  return {
    id: newId(),
    siteId,
    visitorId,
    knownVisitorId,
    method,
    confidence,
    observationConfidence,
    anonymitySet,
    createdAtMs: atMs,
    undoneAtMs: null,
    evidence: null,
    undoneReason: null,
  }
}
