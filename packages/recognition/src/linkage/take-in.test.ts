import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../../tools/property-runs.ts'
import { DAY_MS } from './gaps.ts'
import { planLookup } from './plan-lookup.ts'
import { LAPTOP, laptopOf, see } from './sample-browsers.ts'
import { takeIn } from './take-in.ts'
import type { Observed, Profile } from './types.ts'

const options = {
  visitorId: 'v1',
  atMs: 100 * DAY_MS,
  ttlMs: 30 * DAY_MS,
  holdsProof: false,
  isTrusted: true,
}
const begin = (raw: object = LAPTOP) => takeIn(undefined, see(raw), options).profile
const tokens = (profile: Profile, name: keyof Observed['tokens']) =>
  (profile.sets[name] ?? []).map(({ token }) => token)

describe('takeIn', () => {
  it('remembers a first look with all its values, blocks and count keys', () => {
    const observed = see(LAPTOP)
    const taken = takeIn(undefined, observed, options)
    expect(taken.novelties).toBe(0)
    expect(new Set(taken.gained)).toEqual(new Set(planLookup(observed).counts))
    expect(taken.blocks).toEqual(planLookup(observed).blocks)
    expect(taken.profile).toMatchObject({ browserMajor: 156, observations: 1, osFamily: 'windows' })
  })

  it('keeps both values of a laptop that is docked by day', () => {
    const docked = takeIn(begin(), see({ ...LAPTOP, screen: [2560, 1440] }), options)
    expect(docked.novelties).toBe(1)
    expect(docked.profile.sets.screen).toHaveLength(2)
    const back = takeIn(docked.profile, see(LAPTOP), { ...options, atMs: options.atMs + 1 })
    expect(back.novelties).toBe(0)
    expect(back.gained).toEqual([])
  })

  it('forgets a value that was not seen for the time to live, and gives its count keys back', () => {
    const later = { ...options, atMs: options.atMs + 31 * DAY_MS }
    const first = begin()
    const taken = takeIn(first, see({ ...LAPTOP, screen: [2560, 1440] }), later)
    expect(taken.profile.sets.screen).toHaveLength(1)
    const held = first.sets.composites?.map(({ token }) => token) ?? []
    expect(new Set(taken.lost)).toEqual(
      new Set(held.filter((key) => !taken.profile.sets.composites?.some(({ token }) => token === key))),
    )
    expect(taken.lost.length).toBeGreaterThan(0)
  })

  it('keeps six values of a signal at most, the oldest going first', () => {
    let profile = begin()
    for (let step = 1; step <= 9; step++) {
      const observed = see({ ...LAPTOP, screen: [1000 + 100 * step, 900] })
      profile = takeIn(profile, observed, { ...options, atMs: options.atMs + step }).profile
    }
    expect(profile.sets.screen).toHaveLength(6)
    expect(tokens(profile, 'screen')).not.toContain(see(LAPTOP).tokens.screen)
  })

  it('never learns what noise came out as', () => {
    const { profile } = takeIn(undefined, see(LAPTOP, { unstable: ['canvas'] }), options)
    expect(profile.sets.canvas).toBeUndefined()
    expect(profile.sets.webgl).toHaveLength(1)
  })

  it('only ever lets the version rise', () => {
    const older = see({ ...LAPTOP, userAgent: LAPTOP.userAgent.replace('156', '149') })
    expect(takeIn(begin(), older, options).profile.browserMajor).toBe(156)
  })

  it('takes few new values a day on a fingerprint alone, whatever is forged', () => {
    let profile = begin()
    const known = see(LAPTOP).tokens
    for (let visit = 0; visit < 40; visit++) {
      const forged = see({ ...laptopOf(visit), timezone: `Zone/${visit}` })
      profile = takeIn(profile, forged, { ...options, isTrusted: false, atMs: options.atMs + visit }).profile
    }
    const values = Object.entries(profile.sets).filter(([name]) => name !== 'composites')
    const foreign = values.flatMap(([name, set]) =>
      set.filter(({ token }) => token !== known[name as keyof typeof known]),
    )
    expect(foreign.length).toBeLessThanOrEqual(5)
  })

  it('takes an ordinary update on a fingerprint alone, and more on the next day', () => {
    const update = { canvas: 'new', audio: 1, uaPlatformVersion: '19.0.0' }
    const weak = { ...options, isTrusted: false }
    const first = takeIn(begin(), see({ ...LAPTOP, ...update }), weak)
    expect(first.novelties).toBe(3)
    const more = see({ ...LAPTOP, ...update, screen: [800, 600], timezone: 'Asia/Tokyo', fonts: ['A'] })
    expect(takeIn(first.profile, more, weak).novelties).toBe(0)
    expect(takeIn(first.profile, more, { ...weak, atMs: weak.atMs + DAY_MS }).novelties).toBe(3)
  })

  it('learns nothing on a fingerprint alone from what contradicts itself', () => {
    const observed = { ...see({ ...LAPTOP, screen: [800, 600] }), contradictions: 1 }
    const before = begin()
    const taken = takeIn(before, observed, { ...options, isTrusted: false })
    expect(taken).toMatchObject({ novelties: 0, gained: [], blocks: [] })
    expect(taken.profile.sets.screen).toEqual(before.sets.screen)
  })

  it('takes whatever is proven', () => {
    const taken = takeIn(begin(), see({ ...laptopOf(3), timezone: 'Asia/Tokyo' }), options)
    expect(taken.novelties).toBeGreaterThan(5)
  })

  it('gives back exactly what it gained, over any life', () => {
    const step = fc.record({ person: fc.nat(4), days: fc.nat(20), isTrusted: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const held = new Map<string, number>()
        const count = (keys: readonly string[], by: number) => {
          for (const key of keys) held.set(key, (held.get(key) ?? 0) + by)
        }
        let profile: Profile | undefined
        let { atMs } = options
        for (const { person, days, isTrusted } of steps) {
          atMs += days * DAY_MS
          const taken = takeIn(profile, see(laptopOf(person)), { ...options, atMs, isTrusted })
          count(taken.gained, 1)
          count(taken.lost, -1)
          profile = taken.profile
        }
        const standing = [...held].filter(([, times]) => times !== 0)
        expect(standing.every(([, times]) => times === 1)).toBe(true)
        const composites = profile?.sets.composites?.map(({ token }) => token) ?? []
        expect(new Set(standing.map(([key]) => key))).toEqual(new Set(composites))
      }),
      { numRuns: propertyRuns(40) },
    )
  })
})
