import type { IncomingMessage } from 'node:http'
import type { DeviceKeyJwk } from '@helloagain/protocol'
import { deviceKeySchema } from '@helloagain/protocol/schemas'
import { calculateJwkThumbprint, compactVerify, decodeJwt, decodeProtectedHeader, importJWK } from 'jose'

/** A proof whose signature and claims hold. */
export interface VerifiedProof {
  readonly keyId: string
  readonly publicJwk: DeviceKeyJwk
  readonly jti: string
}

export interface ProofChecks {
  isTarget(htu: string, request: IncomingMessage): boolean
  isFreshNonce(nonce: string): boolean
  readonly nowMs: number
}

// A proof of ours has some 500 characters; Node takes headers of 16 KiB.
const MAX_LENGTH = 2048
const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]{86}$/
const MAX_ID_LENGTH = 128
// The nonce says when it was signed; this only finds claims that contradict it.
const MAX_CLOCK_ERROR_MS = 5 * 60_000
/** The key in a header of the one form we take. */
function readKey(text: string): DeviceKeyJwk | undefined {
  const { typ, alg, jwk, crit } = decodeProtectedHeader(text)
  if (typ !== 'dpop+jwt' || alg !== 'ES256' || crit !== undefined) return undefined
  return deviceKeySchema.safeParse(jwk).data
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_LENGTH

/**
 * Judges a proof after RFC 9449 §4.3, what is cheap first. Without a fresh nonce it is answered with a new one, before
 * any signature is looked at.
 */
export async function verifyProof(
  text: string,
  request: IncomingMessage,
  { isTarget, isFreshNonce, nowMs }: ProofChecks,
): Promise<VerifiedProof | 'session.proof_invalid' | 'session.use_dpop_nonce'> {
  if (text.length > MAX_LENGTH || !COMPACT_FORM.test(text)) return 'session.proof_invalid'
  try {
    const publicJwk = readKey(text)
    const { htm, htu, iat, jti, nonce } = decodeJwt<Record<'htm' | 'htu' | 'nonce', unknown>>(text)
    if (!publicJwk || htm !== request.method || typeof htu !== 'string' || !isTarget(htu, request)) {
      return 'session.proof_invalid'
    }
    if (typeof nonce !== 'string' || !isFreshNonce(nonce)) return 'session.use_dpop_nonce'
    if (!isText(jti) || typeof iat !== 'number' || Math.abs(iat * 1000 - nowMs) > MAX_CLOCK_ERROR_MS) {
      return 'session.proof_invalid'
    }
    await compactVerify(text, await importJWK(publicJwk, 'ES256'), { algorithms: ['ES256'] })
    return { keyId: await calculateJwkThumbprint(publicJwk), publicJwk, jti }
  } catch {
    // Whatever jose finds wrong with it, a point that is not on the curve included.
    return 'session.proof_invalid'
  }
}
