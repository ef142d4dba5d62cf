import { type NormalSignals, normalizeSignals } from '../index.ts'
import { nameComposite } from './composite.ts'
import { observe } from './observe.ts'
import type { Observed } from './types.ts'

/** For tests: browsers as they report themselves. */
export const LAPTOP = {
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  platform: 'Win32',
  uaPlatform: 'Windows',
  uaPlatformVersion: '15.0.0',
  screen: [1920, 1080],
  devicePixelRatio: 1.25,
  colorDepth: 24,
  colorGamut: 'srgb',
  timezone: 'Europe/Madrid',
  languages: ['es-ES', 'en'],
  canvas: 'c0ffee',
  canvasText: 'beef',
  audio: 124.04,
  webgl: 'ab12',
  gpuVendor: 'Google Inc. (NVIDIA)',
  gpuRenderer: 'ANGLE (NVIDIA, GeForce RTX 3060 Direct3D11)',
  fonts: ['Arial', 'Calibri', 'Fira Code'],
  hardwareConcurrency: 8,
  deviceMemory: 8,
  touchPoints: 0,
  reducedMotion: false,
  contrast: 'no-preference',
  forcedColors: false,
}
export const IPHONE = {
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
  platform: 'iPhone',
  screen: [844, 390],
  devicePixelRatio: 3,
  colorDepth: 24,
  timezone: 'Europe/Madrid',
  languages: ['es-ES', 'es'],
  canvas: 'f00',
  audio: 124.04,
  webgl: 'a11',
  gpuVendor: 'Apple Inc.',
  gpuRenderer: 'Apple GPU',
  fonts: [],
  hardwareConcurrency: 4,
  touchPoints: 5,
}

/** A laptop nobody else has: every telling value carries the number. */
export const laptopOf = (person: number) => ({
  ...LAPTOP,
  gpuRenderer: `ANGLE (NVIDIA, GeForce ${person} Direct3D11)`,
  canvas: `c${person}`,
  webgl: `w${person}`,
  fonts: ['Arial', `Font ${person}`],
  languages: [['es-ES', 'de-DE', 'fr-FR'][person % 3] ?? 'en', 'en'],
  screen: [1000 + 50 * (person % 31), 900],
})

/** What a site sees of raw signals; tokens are names of values. */
export function see(
  raw: object,
  more: { unstable?: readonly string[]; networkPrefix?: string } = {},
): Observed {
  const signals: NormalSignals = normalizeSignals(raw)
  return observe(signals, {
    tokenise: (name, value) => nameComposite(`${name} ${value}`),
    unstable: [],
    ...more,
  })
}
