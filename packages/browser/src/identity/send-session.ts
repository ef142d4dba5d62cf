import type { SessionAnswer, SessionRequest } from '@helloagain/protocol'
import type { CallResult, Transport } from '../transport/transport.ts'
import type { DeviceKey } from './device-key.ts'

/** Where sessions are opened, below the endpoint. */
export const SESSIONS_PATH = '/api/sessions'

/** A session the server opened. */
export interface Posted {
  answer: SessionAnswer
  /** For the next proof by the device key; empty where the server takes none. */
  nonce: string
}

interface SessionCall {
  body: SessionRequest
  /** The proof by the device key, where one goes along unasked. */
  headers?: Record<string, string> | undefined
}

/** The server asks for a proof: the cookie was lost, or the nonce is over. */
const isAskedForProof = ({ status, nonce }: CallResult): boolean => status === 401 && !!nonce

/**
 * Sends the session, with a proof by the device key where the server asks for one. Whoever has no key any more, or whose
 * proof the server does not take, goes on without.
 */
export async function sendSession(
  transport: Transport,
  deviceKey: DeviceKey,
  { body, headers }: SessionCall,
): Promise<CallResult> {
  const send = (call: SessionCall) => transport({ method: 'POST', path: SESSIONS_PATH, ...call })
  let result = await send({ body, headers })
  if (!isAskedForProof(result)) return result
  const proof = await deviceKey.prove(result.nonce ?? '')
  if (proof) result = await send({ body, headers: proof.headers })
  if (!isAskedForProof(result)) return result
  const { mayProve: _, deviceKey: __, ...bare } = body
  return send({ body: bare })
}
