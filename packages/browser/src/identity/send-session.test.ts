import type { SessionRequest } from '@helloagain/protocol'
import { expect, it } from 'vitest'
import type { Call, CallResult } from '../transport/transport.ts'
import type { KeyProof } from './device-key.ts'
import { sendSession } from './send-session.ts'

const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } as const
const opened: CallResult = { isOk: true, status: 200, nonce: '2.b' }
const asks: CallResult = { isOk: false, status: 401, nonce: '1.a' }
const proof: KeyProof = { id: 'k', jwk, headers: { DPoP: 'proof' } }

/** Sends to a server that answers so, from a browser with or without a key. */
async function send(body: SessionRequest, answers: CallResult[], kept?: KeyProof) {
  const calls: Pick<Call, 'body' | 'headers'>[] = []
  const nonces: string[] = []
  const prove = async (nonce: string) => {
    nonces.push(nonce)
    return kept
  }
  const result = await sendSession(
    async ({ body: sent, headers: carried }) => {
      calls.push({ body: sent, headers: carried })
      return answers.shift() ?? opened
    },
    { prove, makeAndProve: prove, forget: () => undefined },
    { body },
  )
  return { result, calls, nonces }
}

it('asks the key for nothing while the server asks for nothing', async () => {
  const { calls, nonces } = await send({ mayProve: true }, [opened], proof)
  expect([calls.length, nonces]).toEqual([1, []])
})

it('proves with the nonce of the answer', async () => {
  const { result, calls, nonces } = await send({ mayProve: true }, [asks, opened], proof)
  expect([result, nonces]).toEqual([opened, ['1.a']])
  expect(calls[1]).toEqual({ body: { mayProve: true }, headers: { DPoP: 'proof' } })
})

it('goes on as somebody without a key where there is none any more, or its proof is not taken', async () => {
  for (const kept of [undefined, proof]) {
    const answers = kept ? [asks, asks, opened] : [asks, opened]
    const { result, calls } = await send({ deviceId: 'd', mayProve: true, deviceKey: jwk }, answers, kept)
    expect(result).toBe(opened)
    expect(calls.at(-1)).toEqual({ body: { deviceId: 'd' }, headers: undefined })
  }
})

it('takes a 401 of another kind for what it is', async () => {
  const refused: CallResult = { isOk: false, status: 401, nonce: null }
  const { result, calls } = await send({ mayProve: true }, [refused], proof)
  expect([result, calls.length]).toEqual([refused, 1])
})
