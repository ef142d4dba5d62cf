import { generateEnhancedFingerprint } from '@helloagain/recognition'
import { expect, it } from 'vitest'
import { createObserve } from './observe.ts'

const site = { id: 's1', fingerprintSalt: 'salt' }
const HASH = 'a'.repeat(32)
const MADE = 'b'.repeat(32)
const STORED = 'c'.repeat(32)

const observe = createObserve({
  tokeniseFor: (siteId) => (signal, value) => `${siteId} ${signal} ${value}`,
  store: { bestObservation: async (_site, asked) => (asked === STORED ? 81 : undefined) },
  isServerMade: (asked) => asked === MADE,
})

const signals = {
  userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36',
  platform: 'Win32',
  gpuRenderer: 'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)',
  ...{ canvas: 'c', webgl: 'w', audio: '124.04', fonts: ['Arial', 'Segoe UI Light'], deviceMemory: 8 },
  ...{ screen: [1920, 1080], languages: ['de-DE'], timezone: 'Europe/Berlin' },
}
const hash = generateEnhancedFingerprint(signals, site.fingerprintSalt)

it('reckons confidence and bits itself, from the signals', async () => {
  const seen = await observe(site, { hash, signals })
  expect(seen.confidence).toBeGreaterThanOrEqual(60)
  expect(seen).toMatchObject({ hash, source: 'client_header' })
  expect(seen.bits).toBeCloseTo((seen.confidence / 100) * 14.14, 5)
})

it('does not read a confidence that the client claims', async () => {
  const claimed = { hash, signals: { timezone: 'Europe/Berlin' }, confidence: 100 }
  expect((await observe(site, claimed)).confidence).toBeLessThan(60)
})

it('counts noisy signals for less', async () => {
  const clean = await observe(site, { hash, signals })
  const noisy = await observe(site, { hash, signals, unstable: ['canvas', 'audio'] })
  expect(noisy.confidence).toBeLessThan(clean.confidence)
})

it('holds good signals beside a hash that is not theirs for less than any threshold', async () => {
  expect((await observe(site, { hash: HASH, signals })).confidence).toBeLessThan(60)
})

it('goes by the best report of a bare hash, else holds it for less than any threshold', async () => {
  expect((await observe(site, STORED)).confidence).toBe(81)
  expect((await observe(site, HASH)).confidence).toBeLessThan(60)
})

it('knows a fingerprint the server made, wherever it comes from', async () => {
  for (const reported of [MADE, { hash: MADE, signals }]) {
    const seen = await observe(site, reported, 'cookie')
    expect(seen.source).toBe('server_generated')
    expect(seen.confidence).toBeLessThan(60)
  }
})

it('sees the network of the request, whatever a page says of it', async () => {
  const forged = { ...signals, networkPrefix: '198.51.100.0/24' }
  const report = { hash: generateEnhancedFingerprint(forged, site.fingerprintSalt), signals: forged }
  const networkOf = async (networkPrefix?: string) => {
    const { observed } = await observe(site, { ...report, ...(networkPrefix && { networkPrefix }) })
    return observed?.tokens.networkPrefix ?? 'none'
  }
  expect(await networkOf()).toBe('none')
  expect(await networkOf('203.0.113.0/24')).toContain('203.0.113')
})

it('compares no signals that do not make their hash, and none of a hash that comes alone', async () => {
  expect((await observe(site, { hash, signals })).observed).toBeDefined()
  expect((await observe(site, { hash: HASH, signals })).observed).toBeUndefined()
  expect((await observe(site, STORED)).observed).toBeUndefined()
})
