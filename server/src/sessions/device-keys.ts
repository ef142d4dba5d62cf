import type { IncomingMessage } from 'node:http'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import type { ProvenKey, RequestContext } from '../platform/http/context.ts'
import { createDeviceNonces, PROOF_LIFETIME_MS } from './device-nonces.ts'
import { DEVICE_KEY_REST_MS } from './policy.ts'
import type { ReadDeviceProof } from './ports.ts'
import type { ProofReplays } from './proof-replays.ts'
import type { ProofRows } from './proof-rows.ts'
import { verifyProof } from './verify-proof.ts'

/** Proofs by device key: what one shows, and the nonce for the next. */
export interface DeviceKeys {
  readonly read: ReadDeviceProof
  issueNonce(context: Pick<RequestContext, 'nowMs' | 'site'>): string
  /** Uses up the proof of a key that nobody has bound; false when it was used before. */
  take(key: ProvenKey, nowMs: number): Promise<boolean>
}

export interface DeviceKeyParts {
  readonly store: Pick<ProofRows, 'findKeyOwner'>
  readonly keys: ServerKeys
  readonly replays: ProofReplays
  readonly isTarget: (htu: string, request: IncomingMessage) => boolean
}

export function createDeviceKeys({ store, keys, replays, isTarget }: DeviceKeyParts): DeviceKeys {
  const nonces = createDeviceNonces(keys)
  const take = async ({ proofId }: ProvenKey, nowMs: number) =>
    replays.take(proofId, nowMs + PROOF_LIFETIME_MS)
  // Inside somebody else's application its middleware and our routes read a request each, ours with headers of its own:
  // by its raw headers it is one, and its proof is brought once.
  const answers = new WeakMap<readonly string[], ReturnType<ReadDeviceProof>>()

  const judge: ReadDeviceProof = async (request, { siteId, nowMs }) => {
    const { dpop } = request.headers
    if (typeof dpop !== 'string') return {}
    const isFreshNonce = (nonce: string) => nonces.isFresh(siteId, nonce, nowMs)
    const verified = await verifyProof(dpop, request, { isTarget, isFreshNonce, nowMs })
    if (typeof verified === 'string') return { proofFault: verified }
    const { keyId, publicJwk, jti } = verified
    const visitorId = await store.findKeyOwner(siteId, keyId, nowMs - DEVICE_KEY_REST_MS)
    const deviceKey = { keyId, publicJwk, proofId: `${siteId}\n${keyId}\n${jti}`, visitorId }
    // Keys that nobody has bound can be made by the million: remembering their proofs would fill the memory.
    if (visitorId !== undefined && !(await take(deviceKey, nowMs))) {
      return { proofFault: 'session.proof_invalid' }
    }
    return { deviceKey }
  }

  return {
    take,
    issueNonce: ({ site, nowMs }) => nonces.issue(site.id, nowMs),
    read(request, asked) {
      const answer = answers.get(request.rawHeaders) ?? judge(request, asked)
      answers.set(request.rawHeaders, answer)
      return answer
    },
  }
}
