import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { createDeviceKey } from '../testing/device-key.ts'
import { createDeviceKeys } from './device-keys.ts'

const NOW_MS = Date.UTC(2026, 0, 1)
const HTU = 'https://id.shop.example/api/sessions'
const asked = { siteId: 's1', nowMs: NOW_MS }

function openDevices(takes: boolean[]) {
  return createDeviceKeys({
    store: { findKeyOwner: async () => 'v1' },
    keys: createServerKeys('k'.repeat(43)),
    replays: { take: () => takes.shift() ?? false },
    isTarget: (htu) => htu === HTU,
  })
}

it('a request that is read twice brings its proof once, also with other headers', async () => {
  const devices = openDevices([true])
  const key = await createDeviceKey()
  const site = { id: 's1', name: '', fingerprintSalt: '', unsetMode: 'recognition' as const }
  const dpop = await key.sign({ htm: 'POST', htu: HTU, nonce: devices.issueNonce({ site, nowMs: NOW_MS }) })
  // As much of a request as is looked at.
  const request = {
    method: 'POST',
    headers: { dpop },
    rawHeaders: ['DPoP', dpop],
  } as unknown as IncomingMessage
  const again: IncomingMessage = Object.create(request, { headers: { value: { dpop, cookie: 'a=1' } } })
  const first = await devices.read(request, asked)
  expect(first.deviceKey).toMatchObject({ keyId: key.keyId, visitorId: 'v1' })
  expect(await devices.read(again, asked)).toBe(first)
  const replayed = Object.create(request, { rawHeaders: { value: ['DPoP', dpop] } })
  expect(await devices.read(replayed, asked)).toEqual({ proofFault: 'session.proof_invalid' })
})
