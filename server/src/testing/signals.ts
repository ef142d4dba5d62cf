import { randomUUID } from 'node:crypto'
import { generateEnhancedFingerprint } from '@helloagain/recognition'

/** Test support: what a laptop that is like no other tells about itself. */
export const createSignals = (changes: Readonly<Record<string, unknown>> = {}) => ({
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  platform: 'Win32',
  gpuVendor: 'Google Inc. (NVIDIA)',
  gpuRenderer: `ANGLE (NVIDIA, NVIDIA GeForce RTX ${randomUUID()} Direct3D11 vs_5_0 ps_5_0, D3D11)`,
  ...{ canvas: randomUUID(), webgl: randomUUID(), audio: `124.04${Math.floor(Math.random() * 1e9)}` },
  ...{ fonts: ['Arial', 'Segoe UI Light', randomUUID()], screen: [1920, 1080], colorDepth: 24 },
  ...{ languages: ['de-DE', 'en'], timezone: 'Europe/Berlin', deviceMemory: 8, hardwareConcurrency: 12 },
  ...changes,
})

/** As the SDK reports it on a site with that salt. */
export const fingerprintOf = (signals: Readonly<Record<string, unknown>>, salt: string) => ({
  hash: generateEnhancedFingerprint(signals, salt),
  signals,
})
