import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { calculateFingerprintConfidence, explainFingerprintConfidence } from './confidence.ts'
import { findContradictions } from './contradictions.ts'
import { normalizeSignals } from './normalize-signals.ts'
import { GROUP_BITS, JOINT_BITS, SIGNAL_NAMES } from './signals.ts'

const laptop = {
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  platform: 'Win32',
  uaPlatform: 'Windows',
  uaPlatformVersion: '15.0.0',
  screen: [1920, 1080],
  devicePixelRatio: 1,
  timezone: 'Europe/Madrid',
  languages: ['es-ES', 'en'],
  canvas: 'c0ffee',
  audio: 124.04347527516074,
  webgl: 'ab12',
  gpuRenderer: 'ANGLE (NVIDIA, GeForce RTX 3060 Direct3D11)',
  fonts: ['Arial', 'Calibri'],
  hardwareConcurrency: 8,
  deviceMemory: 8,
  touchPoints: 0,
}
const iphone = {
  ...laptop,
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
  platform: 'iPhone',
  uaPlatform: 'iOS',
  gpuRenderer: 'Apple GPU',
  touchPoints: 5,
}

const someOf = (raw: Record<string, unknown>) =>
  fc.shuffledSubarray(Object.entries(raw)).map((entries) => Object.fromEntries(entries))

describe('calculateFingerprintConfidence', () => {
  it('is 0 for nothing and above 0 for the two fields of document 000', () => {
    expect(calculateFingerprintConfidence({})).toBe(0)
    const two = calculateFingerprintConfidence({ userAgent: 'test', screenResolution: [1920, 1080] })
    expect(two).toBeGreaterThan(0)
    expect(two).toBeLessThan(60)
  })

  it('answers an integer of 0–100 for any JSON, hostile keys included', () => {
    const key = fc.oneof(
      fc.constantFrom<string>(...SIGNAL_NAMES, '__proto__', 'constructor', 'unstable'),
      fc.string(),
    )
    const anyRaw = fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.jsonValue()))
    fc.assert(
      fc.property(anyRaw, (raw) => {
        const confidence = calculateFingerprintConfidence(raw)
        expect(Number.isInteger(confidence)).toBe(true)
        expect(confidence).toBeGreaterThanOrEqual(0)
        expect(confidence).toBeLessThanOrEqual(100)
      }),
      { numRuns: propertyRuns(500) },
    )
  })

  it('stays below 60 for all that a server can see by itself', () => {
    const { userAgent, uaPlatform, uaPlatformVersion, languages, platform } = laptop
    const headers = {
      userAgent,
      uaPlatform,
      uaPlatformVersion,
      languages,
      platform,
      model: 'X1',
      architecture: 'x86',
    }
    const seen = { ...headers, acceptEncoding: 'gzip, br', doNotTrack: '1', networkPrefix: '203.0.113.0/24' }
    expect(calculateFingerprintConfidence(seen)).toBeLessThan(60)
  })

  it('needs device evidence for 60, however much else is known', () => {
    const rest = Object.fromEntries(
      SIGNAL_NAMES.map((name) => [name, { value: laptop[name as keyof typeof laptop] }]),
    )
    const without = { ...laptop, ...rest, networkPrefix: '203.0.113.0/24', colorDepth: 24, doNotTrack: '1' }
    for (const name of [
      'canvas',
      'audio',
      'webgl',
      'gpuRenderer',
      'fonts',
      'hardwareConcurrency',
      'deviceMemory',
    ]) {
      Reflect.deleteProperty(without, name)
    }
    expect(calculateFingerprintConfidence(without)).toBeLessThan(60)
    expect(calculateFingerprintConfidence(laptop)).toBeGreaterThanOrEqual(90)
  })

  it('keeps an iPhone below 60, all of a model being alike', () => {
    expect(calculateFingerprintConfidence(iphone)).toBeLessThan(60)
    const ipad = {
      ...iphone,
      userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)',
      platform: 'MacIntel',
    }
    expect(calculateFingerprintConfidence(ipad)).toBeLessThan(60)
  })

  it('never falls when a signal is added that contradicts nothing', () => {
    for (const raw of [laptop, iphone]) {
      fc.assert(
        fc.property(someOf(raw), fc.constantFrom(...Object.entries(raw)), (some, [name, value]) => {
          const more = { ...some, [name]: value }
          fc.pre(findContradictions(normalizeSignals(more)).length === 0)
          expect(calculateFingerprintConfidence(more)).toBeGreaterThanOrEqual(
            calculateFingerprintConfidence(some),
          )
        }),
        { numRuns: propertyRuns(400) },
      )
    }
  })

  it('falls with each device signal that is missing, noisy or made up', () => {
    const full = calculateFingerprintConfidence(laptop)
    for (const name of ['canvas', 'audio', 'webgl', 'gpuRenderer', 'fonts'] as const) {
      const { [name]: _gone, ...rest } = laptop
      const missing = calculateFingerprintConfidence(rest)
      const noisy = calculateFingerprintConfidence(laptop, { unstable: [name] })
      expect(missing, `without ${name}`).toBeLessThan(full)
      expect(noisy, `noisy ${name}`).toBeLessThan(missing)
    }
    expect(calculateFingerprintConfidence({ ...laptop, gpuRenderer: 'SwiftShader' })).toBeLessThan(full)
    expect(calculateFingerprintConfidence({ ...laptop, fonts: [] })).toBeLessThan(full)
  })

  it.each([
    ['userAgent and platform name two systems', { platform: 'MacIntel' }],
    ['userAgent and client hints name two systems', { uaPlatform: 'Android' }],
    [
      'Direct3D outside Windows',
      { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', platform: 'Linux x86_64', uaPlatform: 'Linux' },
    ],
    ['an iPhone without touch', { ...iphone, touchPoints: 0 }],
  ])('falls when signals contradict: %s', (_title, change) => {
    const changed = { ...laptop, ...change }
    expect(explainFingerprintConfidence(changed).contradictions.length).toBeGreaterThan(0)
    expect(calculateFingerprintConfidence(changed)).toBeLessThan(calculateFingerprintConfidence(laptop))
  })

  it('finds no contradiction in honest browsers', () => {
    const androidPhone = {
      userAgent:
        'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36',
      platform: 'Linux armv81',
      uaPlatform: 'Android',
      touchPoints: 5,
      gpuRenderer: 'Adreno (TM) 730',
    }
    const mac = {
      userAgent:
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15',
      platform: 'MacIntel',
      touchPoints: 0,
      gpuRenderer: 'Apple GPU',
    }
    for (const raw of [laptop, iphone, androidPhone, mac]) {
      expect(explainFingerprintConfidence(raw).contradictions).toEqual([])
    }
  })

  it('explains itself: groups sum to the bits, and no group passes its cap', () => {
    const { groups, bits, confidence } = explainFingerprintConfidence(laptop)
    const sum = Object.values(groups).reduce((total, group) => total + group.bits, 0)
    expect(bits).toBeCloseTo(sum)
    expect(confidence).toBe(Math.round((100 * bits) / JOINT_BITS))
    for (const group of Object.values(groups)) expect(group.bits).toBeLessThanOrEqual(group.capBits)
    const { network: _network, ...browser } = GROUP_BITS
    expect(Object.values(browser).reduce((total, cap) => total + cap, 0)).toBeCloseTo(JOINT_BITS)
  })
})
