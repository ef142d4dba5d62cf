import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../../tools/property-runs.ts'
import { decide } from './decide.ts'
import { DAY_MS } from './gaps.ts'
import { createMemoryBase } from './memory-base.ts'
import { IPHONE, LAPTOP, laptopOf, see } from './sample-browsers.ts'

/** A site on which many have been, each twice, a week apart; the next visit is a week later. */
function busySite(people = 60) {
  const base = createMemoryBase()
  for (const day of [0, 7]) {
    for (let person = 0; person < people; person++) {
      const atMs = (day + person / people) * DAY_MS
      const observed = see(laptopOf(person))
      base.recognise(observed, { atMs })
      base.take(observed, { visitorId: `v${person}`, atMs })
    }
  }
  return { base, now: { atMs: 14.5 * DAY_MS } }
}

describe('decide', () => {
  it('names a returning visitor exactly, and is sure of it', () => {
    const { base, now } = busySite()
    const decision = decide(base.input(see(laptopOf(7)), now))
    expect(decision).toMatchObject({ method: 'fingerprint_exact', visitorId: 'v7', anonymitySet: 1 })
    expect(decision.confidence).toBeGreaterThan(97)
  })

  it('calls a stranger new', () => {
    const { base, now } = busySite()
    const decision = decide(base.input(see(laptopOf(1000)), now))
    expect(decision).toMatchObject({ method: 'new', anonymitySet: 1 })
    expect(decision.visitorId).toBeUndefined()
  })

  it('calls everybody new on an empty site', () => {
    expect(decide(createMemoryBase().input(see(LAPTOP), { atMs: 0 })).method).toBe('new')
  })

  it.each([
    ['an external monitor', { screen: [2560, 1440], devicePixelRatio: 1 }],
    ['zoom', { devicePixelRatio: 1.5, canvasText: 'zoomed' }],
    ['a journey', { timezone: 'America/New_York', timezoneOffset: 300 }],
    ['another language', { languages: ['en-GB'] }],
    ['a new browser version', { userAgent: LAPTOP.userAgent.replace('156', '157') }],
    ['reduced motion', { reducedMotion: true }],
    ['forced colours', { forcedColors: true }],
    ['contrast', { contrast: 'more' }],
    ['a touch screen', { touchPoints: 10 }],
    ['a new driver', { gpuRenderer: 'ANGLE (NVIDIA, 3061)', webgl: 'new', canvas: 'new' }],
    ['a font', { fonts: ['Arial', 'Font 7', 'Comic Neue'] }],
    ['a new system', { uaPlatformVersion: '19.0.0', canvas: 'new', audio: 124.05 }],
  ])('still recognises a visitor after %s', (_, change) => {
    const { base, now } = busySite()
    const decision = decide(base.input(see({ ...laptopOf(7), ...change }), now))
    expect(decision).toMatchObject({ visitorId: 'v7', anonymitySet: 1 })
  })

  it('is no surer after a change than without one', () => {
    const { base, now } = busySite()
    const sure = decide(base.input(see(laptopOf(7)), now)).confidence
    const changed = see({ ...laptopOf(7), screen: [2560, 1440] })
    expect(decide(base.input(changed, now)).confidence).toBeLessThan(sure)
    const changedMore = see({ ...laptopOf(7), screen: [2560, 1440], languages: ['pt-BR'], fonts: ['Lato'] })
    expect(decide(base.input(changedMore, now)).explanation.best?.probability ?? 0).toBeLessThan(
      decide(base.input(changed, now)).explanation.best?.probability ?? 0,
    )
  })

  it('takes a value remembered from before for as good as the last one', () => {
    const { base, now } = busySite()
    const docked = see({ ...laptopOf(7), screen: [2560, 1440] })
    base.take(docked, { visitorId: 'v7', atMs: 10 * DAY_MS })
    const answers = [docked, see(laptopOf(7))].map((observed) => decide(base.input(observed, now)))
    for (const answer of answers) {
      expect(answer).toMatchObject({ method: 'fingerprint_exact', visitorId: 'v7' })
      expect(answer.confidence).toBeGreaterThan(90)
    }
  })

  it('cannot tell identical twins apart and says how many there are', () => {
    const { base, now } = busySite()
    const twins = Array.from({ length: 5 }, (_, twin) => `twin${twin}`)
    for (const [twin, visitorId] of twins.entries()) {
      for (const day of [1, 8]) {
        base.take(see(LAPTOP), { visitorId, atMs: (day + twin / 9) * DAY_MS, holdsProof: true })
      }
    }
    const decision = decide(base.input(see(LAPTOP), now))
    expect(decision).toMatchObject({ method: 'none', anonymitySet: 5 })
    expect(decision.visitorId).toBeUndefined()
    expect(decision.confidence).toBeLessThan(50)
  })

  it('tells twins apart by their networks', () => {
    const { base, now } = busySite()
    for (const [visitorId, networkPrefix] of [
      ['home', '203.0.113.0/24'],
      ['office', '198.51.100.0/24'],
    ] as const) {
      for (const day of [1, 8]) {
        base.take(see(LAPTOP, { networkPrefix }), { visitorId, atMs: day * DAY_MS, holdsProof: true })
      }
    }
    const decision = decide(base.input(see(LAPTOP, { networkPrefix: '198.51.100.0/24' }), now))
    expect(decision.explanation.best?.visitorId).toBe('office')
    expect(decision.explanation.best?.probability).toBeGreaterThan(
      2 * (decision.explanation.runnerUp?.probability ?? 1),
    )
  })

  it('names, of several visitors that may be one browser, the one that looks like it', () => {
    const { base, now } = busySite()
    const docked = { ...laptopOf(99), screen: [2560, 1440], devicePixelRatio: 1 }
    base.take(see(laptopOf(99)), { visitorId: 'first', atMs: DAY_MS })
    base.take(see(docked), { visitorId: 'unrecognised', atMs: 8 * DAY_MS })
    expect(decide(base.input(see(laptopOf(99)), now))).toMatchObject({ visitorId: 'first', anonymitySet: 1 })
    expect(decide(base.input(see(docked), now)).visitorId).toBe('unrecognised')
  })

  it('takes nobody for the one who was at the computer minutes before', () => {
    const { base, now } = busySite()
    base.take(see(laptopOf(99)), { visitorId: 'first', atMs: DAY_MS })
    base.take(see(laptopOf(99)), { visitorId: 'other', atMs: DAY_MS + 10 * 60_000 })
    expect(decide(base.input(see(laptopOf(99)), now))).toMatchObject({ method: 'none', anonymitySet: 2 })
  })

  it('is less sure where a stranger may have made some of the visits, unproven as they are', () => {
    const { base, now } = busySite()
    const probability = (holdsProof: boolean) => {
      for (const day of [1, 8]) {
        base.take(see(LAPTOP), { visitorId: 'ordinary', atMs: day * DAY_MS, holdsProof })
      }
      return decide(base.input(see(LAPTOP), now)).explanation.best?.probability ?? 1
    }
    const unproven = probability(false)
    expect(unproven).toBeLessThan(probability(true))
  })

  it('keeps back what an iPhone shows, however alone it is', () => {
    const base = createMemoryBase()
    base.take(see(IPHONE), { visitorId: 'phone', atMs: 0 })
    const decision = decide(base.input(see(IPHONE), { atMs: 7 * DAY_MS }))
    expect(decision.method).toBe('none')
    expect(decision.visitorId).toBeUndefined()
  })

  it('does not take the second machine of a fleet for the first one come back', () => {
    const { base } = busySite()
    base.take(see(LAPTOP), { visitorId: 'first', atMs: 14 * DAY_MS })
    const decision = decide(base.input(see(LAPTOP), { atMs: 14.02 * DAY_MS }))
    expect(decision.confidence).toBeLessThan(90)
  })

  it('does not believe in a browser that was downgraded', () => {
    const { base, now } = busySite()
    const older = see({ ...laptopOf(7), userAgent: LAPTOP.userAgent.replace('156', '150') })
    expect(decide(base.input(older, now)).visitorId).toBeUndefined()
  })

  it('never takes one browser family or system for another', () => {
    const { base, now } = busySite()
    const firefox = see({
      ...laptopOf(7),
      userAgent: 'Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/156.0',
    })
    expect(decide(base.input(firefox, now)).visitorId).toBeUndefined()
  })

  it('expects a visitor that holds proof to show it', () => {
    const { base, now } = busySite()
    for (const holdsProof of [false, true]) {
      base.take(see(laptopOf(7)), { visitorId: 'v7', atMs: 12 * DAY_MS, holdsProof })
      const blind = decide(base.input(see(laptopOf(7)), { ...now, knowsProof: false }))
      expect(blind.visitorId).toBe('v7')
    }
    const lost = base.input(see(laptopOf(7)), { ...now, knowsProof: true })
    const soon = decide({ ...lost, atMs: 12.1 * DAY_MS }).explanation.probabilityNew
    expect(soon).toBeGreaterThan(decide(lost).explanation.probabilityNew)
  })

  it('says less the more contradicts itself', () => {
    const { base, now } = busySite()
    const input = base.input(see(laptopOf(7)), now)
    const forged = { ...input, observed: { ...input.observed, contradictions: 3 } }
    expect(decide(forged).confidence).toBeLessThan(decide(input).confidence)
  })

  it('leaves noise out: an unstable canvas costs nothing and tells nothing', () => {
    const { base, now } = busySite()
    const noisy = see({ ...laptopOf(7), canvas: 'noise' }, { unstable: ['canvas'] })
    const decision = decide(base.input(noisy, now))
    expect(decision.visitorId).toBe('v7')
    expect(decision.explanation.best?.signals).toContainEqual({ name: 'canvas', state: 'noise' })
    expect(decision.explanation.best?.signals).not.toContainEqual({ name: 'canvas', state: 'changed' })
  })

  it('does not hold what was not seen against anybody', () => {
    const { base, now } = busySite()
    const { audio: _, webgl: __, ...partial } = laptopOf(7)
    const input = base.input(see(laptopOf(7)), now)
    const decision = decide({ ...input, observed: see(partial) })
    expect(decision.explanation.best?.visitorId).toBe('v7')
    expect(decision.explanation.best?.signals.filter(({ state }) => state === 'changed')).toEqual([])
  })

  it('explains itself by groups', () => {
    const { base, now } = busySite()
    const moved = see({ ...laptopOf(7), timezone: 'Asia/Tokyo' })
    const { best } = decide(base.input(moved, now)).explanation
    expect(best?.groups.locale).toBeLessThan(-3)
    expect(best?.groups.device).toBeGreaterThan(best?.groups.locale ?? 0)
    expect(best?.signals).toContainEqual({ name: 'timezone', state: 'changed' })
  })
})

describe('any input', () => {
  const anyone = fc.record({
    person: fc.integer({ min: 0, max: 70 }),
    day: fc.integer({ min: 0, max: 40 }),
    change: fc.constantFrom<object>(
      {},
      { screen: [800, 600] },
      { canvas: 1 },
      { timezone: 'Asia/Tokyo' },
      IPHONE,
    ),
    knowsProof: fc.boolean(),
  })
  const { base } = busySite()

  it('is decided: confidence within 0–100, the same each time, whatever the order of candidates', () => {
    fc.assert(
      fc.property(anyone, fc.infiniteStream(fc.nat()), ({ person, day, change, knowsProof }, order) => {
        const at = { atMs: day * DAY_MS, knowsProof }
        const input = base.input(see({ ...laptopOf(person), ...change }), at)
        const decision = decide(input)
        expect(decision.confidence).toBeGreaterThanOrEqual(0)
        expect(decision.confidence).toBeLessThanOrEqual(100)
        expect(decision.anonymitySet).toBeGreaterThanOrEqual(1)
        expect(decide(input)).toEqual(decision)
        const shuffled = [...input.candidates]
          .map((candidate) => ({ candidate, place: order.next().value }))
          .sort((left, right) => left.place - right.place)
          .map(({ candidate }) => candidate)
        const again = decide({ ...input, candidates: shuffled })
        expect(again.method).toBe(decision.method)
        expect(again.confidence).toBeCloseTo(decision.confidence, 6)
      }),
      { numRuns: propertyRuns(100) },
    )
  })
})
