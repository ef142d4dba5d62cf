import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../../tools/property-runs.ts'
import { changeBits } from './change-bits.ts'
import { classify } from './classify.ts'
import { comingBack } from './coming-back.ts'
import { agreementIn } from './drift.ts'
import { GAP_MIDDLES_DAYS } from './gaps.ts'
import { pairBits } from './pair-bits.ts'
import { readRhythm } from './rhythm.ts'
import { IPHONE, LAPTOP, see } from './sample-browsers.ts'
import { START, startWeights } from './start-weights.ts'
import { strangersAlike } from './strangers.ts'
import { versionBits } from './version-bits.ts'

const rhythm = readRhythm(START.gaps)
const site = { osFamily: 'windows', visitors: 1000 }

describe('drift', () => {
  it('trusts a value the less the longer it was not seen', () => {
    for (const signal of ['canvas', 'screen', 'gpuRenderer', 'model'] as const) {
      const shares = GAP_MIDDLES_DAYS.map((_, bucket) => agreementIn(signal, bucket, START))
      expect(shares).toEqual([...shares].sort((left, right) => right - left))
    }
  })

  it('takes what the site has learned before what was published', () => {
    expect(agreementIn('canvas', 2, { ...START, agreement: { 'canvas|2': 0.5 } })).toBe(0.5)
  })
})

describe('changeBits', () => {
  const bits = (...changed: Parameters<typeof changeBits>[0]['changed']) =>
    changeBits({ known: [], changed, gapDays: 7 }, START)

  it('speaks against a candidate with each change, less with each further one of a group', () => {
    expect(bits('webgl')).toBeLessThan(0)
    expect(bits('webgl', 'canvas')).toBeLessThan(bits('webgl'))
    expect(bits('webgl', 'canvas')).toBeGreaterThan(bits('webgl') + bits('canvas'))
    expect(bits('webgl', 'timezone')).toBeCloseTo(bits('webgl') + bits('timezone'), 9)
  })

  it('charges what a new system brings along once', () => {
    const brought = bits('uaPlatformVersion', 'canvas', 'fonts') - bits('uaPlatformVersion')
    expect(brought).toBeGreaterThan(bits('canvas', 'fonts'))
  })
})

describe('versionBits', () => {
  const bits = (rise: number | null, gapDays: number) => versionBits({ rise, gapDays }, 'chrome', START)

  it('expects a version for each two weeks', () => {
    expect(bits(1, 14)).toBeCloseTo(0)
    expect(bits(5, 70)).toBeCloseTo(0)
    expect(bits(9, 1)).toBeLessThan(-3)
    expect(bits(0, 90)).toBeLessThan(-3)
  })

  it('holds a fall for all but impossible, and says nothing where nothing is told', () => {
    expect(bits(-1, 7)).toBeLessThan(-10)
    expect(bits(null, 7)).toBe(0)
  })
})

describe('comingBack', () => {
  const rate = (gapDays: number, holdsProof: boolean, knowsProof = true) =>
    comingBack({ gapDays, holdsProof }, { rhythm, knowsProof, figures: START })

  it('holds the loss of proof for likelier the longer ago it was seen', () => {
    expect(rate(7, true) / rate(7, false)).toBeGreaterThan(rate(1, true) / rate(1, false))
  })

  it('does not look at proof where it is blind', () => {
    expect(rate(7, true, false)).toBe(rate(7, false, false))
  })

  it('follows the rhythm of the site', () => {
    const weekly = readRhythm([0.01, 0.01, 0.02, 0.9, 0.03, 0.02, 0.01])
    const at = (gapDays: number) =>
      comingBack({ gapDays, holdsProof: false }, { rhythm: weekly, knowsProof: false, figures: START })
    expect(at(7)).toBeGreaterThan(10 * at(1))
  })
})

describe('strangersAlike', () => {
  const strangers = (byChance: number, history = { visits: 1, days: 7, gapDays: 7 }, more = site) =>
    strangersAlike(more, { byChance, history }, { figures: START, rhythm })

  it('expects the more strangers the more would look so by chance', () => {
    const found = [-20, -11, -8, -5, -2, 3].map((log) => strangers(2 ** log))
    expect(found).toEqual([...found].sort((left, right) => left - right))
    expect(new Set(found).size).toBe(found.length)
  })

  it('suspects a fleet in visits that follow each other quickly, and none after a quiet week', () => {
    const quick = strangers(1e-5, { visits: 6, days: 0.2, gapDays: 0.01 })
    const quiet = strangers(1e-5, { visits: 1, days: 7, gapDays: 7 })
    expect(quick).toBeGreaterThan(10)
    expect(quiet).toBeLessThan(0.01)
  })

  it('suspects no fleet larger than the site', () => {
    const history = { visits: 6, days: 0.2, gapDays: 0.01 }
    expect(strangers(1e-5, history, { ...site, visitors: 1 })).toBeLessThan(1.1)
  })

  it('learns how common twins are by system', () => {
    const learned = { ...START, twinScale: { windows: 5 } }
    const history = { visits: 1, days: 7, gapDays: 7 }
    expect(strangersAlike(site, { byChance: 0.01, history }, { figures: learned, rhythm })).toBeGreaterThan(
      strangers(0.01),
    )
  })
})

describe('pairBits', () => {
  const pair = (unequal: readonly string[], gapDays = 7) =>
    pairBits(
      (
        ['userAgent', 'browserMajor', 'canvas', 'languages', 'screen', 'timezone', 'gpuRenderer'] as const
      ).map((signal) => ({ signal, isEqual: !unequal.includes(signal) })),
      gapDays,
      startWeights(),
    )

  it('falls with every difference', () => {
    expect(pair([])).toBeGreaterThan(10)
    for (const signal of ['canvas', 'languages', 'screen', 'timezone', 'gpuRenderer']) {
      expect(pair([signal])).toBeLessThan(pair([]))
      expect(pair([signal, 'userAgent', 'browserMajor'])).toBeLessThan(pair([signal]))
    }
  })

  it('counts a rare value for more than a common one', () => {
    const bits = (frequency: number) =>
      pairBits([{ signal: 'canvas', isEqual: true, frequency }], 7, startWeights())
    expect(bits(0.001)).toBeGreaterThan(bits(0.5) + 8)
  })
})

describe('observe', () => {
  it('keeps families and the major in clear, and everything else as tokens', () => {
    const observed = see(LAPTOP)
    expect(observed).toMatchObject({ browserFamily: 'chrome', browserMajor: 156, osFamily: 'windows' })
    expect(JSON.stringify(observed.tokens)).not.toMatch(/Madrid|NVIDIA|c0ffee/)
  })

  it('takes the network from the server alone', () => {
    expect(see({ ...LAPTOP, networkPrefix: '10.0.0.0/8' }, { networkPrefix: '192.0.2.0/24' }).tokens).toEqual(
      see(LAPTOP, { networkPrefix: '192.0.2.0/24' }).tokens,
    )
  })

  it('knows an iPad that says it is a Mac by its touch screen', () => {
    const ipad = { userAgent: 'Mozilla/ (Macintosh; Intel Mac OS X ) Version/ Safari/', touchPoints: 5 }
    expect(classify(ipad)).toMatchObject({ osFamily: 'ios', browserFamily: 'safari' })
    expect(classify({ ...ipad, touchPoints: 0 }).osFamily).toBe('mac')
  })

  it('classes phones as phones', () => {
    expect(see(IPHONE)).toMatchObject({ screenClass: 'phone', osFamily: 'ios' })
  })

  it('takes any signals', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(LAPTOP)), fc.anything()), (raw) => {
        const { confidence, contradictions } = see(raw)
        expect(confidence).toBeGreaterThanOrEqual(0)
        expect(contradictions).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: propertyRuns(100) },
    )
  })
})
