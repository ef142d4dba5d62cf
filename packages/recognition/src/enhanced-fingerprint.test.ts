import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { generateEnhancedFingerprint } from './enhanced-fingerprint.ts'
import { normalizeSignals } from './normalize-signals.ts'
import { SIGNAL_NAMES } from './signals.ts'

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
const laptop = {
  userAgent: CHROME,
  platform: 'Win32',
  screen: [1920, 1080],
  timezone: 'Europe/Madrid',
  languages: ['es-ES', 'en'],
  canvas: 'c0ffee',
  gpuRenderer: 'ANGLE (NVIDIA, GeForce RTX 3060 Direct3D11)',
  fonts: ['Arial', 'Calibri'],
}

const anyKey = fc.oneof(
  fc.constantFrom<string>(...SIGNAL_NAMES, 'screenResolution', 'language', '__proto__', 'constructor'),
  fc.string(),
)
const anyRaw = fc.oneof(fc.jsonValue(), fc.dictionary(anyKey, fc.jsonValue()))

describe('generateEnhancedFingerprint', () => {
  it('answers 32 lower-case hex digits for any JSON', () => {
    fc.assert(
      fc.property(anyRaw, fc.string(), (raw, salt) => {
        expect(generateEnhancedFingerprint(raw, salt)).toMatch(/^[0-9a-f]{32}$/)
      }),
    )
  })

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(laptop), { minLength: 8 }), (entries) => {
        expect(generateEnhancedFingerprint(Object.fromEntries(entries))).toBe(
          generateEnhancedFingerprint(laptop),
        )
      }),
    )
  })

  it('is the same from the signals on the wire as from the raw data they came from', () => {
    fc.assert(
      fc.property(anyRaw, (raw) => {
        const signals = normalizeSignals(raw)
        expect(normalizeSignals(signals)).toEqual(signals)
        expect(normalizeSignals(JSON.parse(JSON.stringify(signals)))).toEqual(signals)
        expect(generateEnhancedFingerprint(signals, 's')).toBe(generateEnhancedFingerprint(raw, 's'))
      }),
      { numRuns: propertyRuns(300) },
    )
  })

  it('differs between two salts, so that no two sites see the same value', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        fc.pre(left !== right)
        expect(generateEnhancedFingerprint(laptop, left)).not.toBe(generateEnhancedFingerprint(laptop, right))
      }),
    )
  })

  it('takes the names of document 000 as our own', () => {
    const { screen, languages, gpuRenderer, ...same } = laptop
    const named = { ...same, screenResolution: screen, language: languages, webglRenderer: gpuRenderer }
    expect(generateEnhancedFingerprint(named)).toBe(generateEnhancedFingerprint(laptop))
  })

  it('survives a browser update, another zoom and a preference', () => {
    const changed = {
      ...laptop,
      userAgent: CHROME.replace('156', '157'),
      browserMajor: 157,
      devicePixelRatio: 1.25,
      reducedMotion: true,
    }
    expect(generateEnhancedFingerprint(changed)).toBe(generateEnhancedFingerprint(laptop))
  })

  it('changes with the device', () => {
    for (const change of [
      { canvas: 'f00d' },
      { fonts: ['Arial'] },
      { platform: 'MacIntel' },
      { screen: [1366, 768] },
    ]) {
      expect(generateEnhancedFingerprint({ ...laptop, ...change })).not.toBe(
        generateEnhancedFingerprint(laptop),
      )
    }
  })

  it('reads own properties only: a polluted prototype adds nothing', () => {
    const polluted = Object.create({ canvas: 'from the prototype' }) as object
    expect(normalizeSignals(polluted)).toEqual({})
    expect(normalizeSignals(JSON.parse('{"__proto__":{"canvas":"x"}}'))).toEqual({})
  })
})

describe('normalizeSignals', () => {
  it('rounds the screen to 50 px and puts the long side first', () => {
    expect(normalizeSignals({ screenResolution: [1366, 768] }).screen).toEqual([1350, 750])
    expect(normalizeSignals({ screen: { width: 390, height: 844 } }).screen).toEqual([850, 400])
    expect(normalizeSignals({ screen: '1920x1080' }).screen).toEqual([1900, 1100])
  })

  it('keeps the browser major beside a user agent without versions', () => {
    const { userAgent, browserMajor } = normalizeSignals({ userAgent: CHROME })
    expect(browserMajor).toBe(156)
    expect(userAgent).not.toMatch(/156|537/)
  })

  it('takes FingerprintJS components as they are', () => {
    const components = {
      languages: { value: [['de-DE'], ['en']], duration: 1 },
      screenResolution: { value: [1080, 1920], duration: 0 },
      hardwareConcurrency: { value: 8, duration: 0 },
      fonts: { error: 'timeout', duration: 3 },
    }
    expect(normalizeSignals(components)).toEqual({
      languages: ['de-DE', 'en'],
      screen: [1900, 1100],
      hardwareConcurrency: 8,
    })
  })

  it('reads languages alike from navigator and from Accept-Language', () => {
    expect(normalizeSignals({ 'accept-language': 'es-ES,en;q=0.9' })).toEqual(
      normalizeSignals({ languages: ['es-ES', 'en'] }),
    )
  })

  it('bounds what a hostile value costs', () => {
    const nested = Array.from({ length: 5000 }).reduce<unknown>((inner) => ({ inner }), 1)
    const startedAtMs = Date.now()
    normalizeSignals({
      canvas: 'x'.repeat(1_000_000),
      webgl: nested,
      fonts: 'a,'.repeat(500_000),
      userAgent: '/1'.repeat(500_000),
    })
    expect(Date.now() - startedAtMs).toBeLessThan(500)
  })
})
