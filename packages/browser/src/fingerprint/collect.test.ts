import { murmurX64Hash128 } from '@fingerprintjs/fingerprintjs'
// biome-ignore lint/style/noRestrictedImports: a test may ask the server's door; nothing of it is bundled.
import { fingerprintReportSchema } from '@helloagain/protocol/schemas'
import { murmurHash128Text, SIGNAL_NAMES } from '@helloagain/recognition'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../../tools/property-runs.ts'
import { type CollectOptions, collect, type Probe } from './collect.ts'
import { toObservation } from './hash.ts'

/** A world with a clock that only probes move, and a timer that the test fires. */
function createWorld(timeBoundMs = 300) {
  let clockMs = 0
  let slices = 0
  const timers: (() => void)[] = []
  const options: CollectOptions = {
    timeBoundMs,
    nextSlice: async () => void slices++,
    nowMs: () => clockMs,
    setTimeout: (work) => timers.push(work),
  }
  return {
    options,
    work: (ms: number) => (clockMs += ms),
    runOut: () => timers.forEach((fire) => void fire()),
    get slices() {
      return slices
    },
  }
}

describe('collect', () => {
  it('goes on without what threw or was rejected', async () => {
    const { options } = createWorld()
    const result = await collect(
      {
        broken: () => {
          throw new Error('no canvas here')
        },
        refused: async () => {
          throw new Error('no audio here')
        },
        fine: () => ({ platform: 'Win32' }),
      },
      options,
    )
    expect(result).toEqual({
      raw: { platform: 'Win32' },
      unstable: [],
      isPartial: false,
    })
  })

  it('answers what is there when time runs out, and nothing changes the answer later', async () => {
    const world = createWorld()
    let answerLate: (findings: { audio: number }) => void = () => undefined
    const late: Probe = () =>
      new Promise((resolve) => {
        answerLate = resolve
      })
    const pending = collect({ quick: () => ({ platform: 'Win32' }), late }, world.options)
    await Promise.resolve()
    await Promise.resolve()
    world.runOut()
    const result = await pending
    answerLate({ audio: 1 })
    await Promise.resolve()
    expect(result).toMatchObject({ raw: { platform: 'Win32' }, isPartial: true })
    const { partial, signals, hash } = toObservation(result, 'salt')
    expect(partial).toBe(true)
    expect(signals).toEqual({ platform: 'Win32' })
    expect(hash).toMatch(/^[0-9a-f]{32}$/)
  })

  it('runs no probe after time ran out', async () => {
    const world = createWorld()
    let hasRun = false
    const probes: Record<string, Probe> = {
      slow: () => {
        world.work(10)
        world.runOut()
        return { platform: 'Win32' }
      },
      never: () => {
        hasRun = true
        return {}
      },
    }
    expect((await collect(probes, world.options)).isPartial).toBe(true)
    expect(hasRun).toBe(false)
  })

  it('waits for a new idle slice after each probe that took long, not after quick ones', async () => {
    const world = createWorld()
    const slow: Probe = () => {
      world.work(10)
      return {}
    }
    const quick: Probe = () => ({})
    await collect({ a: quick, b: quick, c: slow, d: quick, e: slow, f: quick }, world.options)
    expect(world.slices).toBe(3)
  })

  it('names noisy signals and leaves their values out', async () => {
    const { options } = createWorld()
    const { raw, unstable } = await collect({ canvas: () => ({ canvas: { isUnstable: true } }) }, options)
    expect(raw).toEqual({})
    expect(unstable).toEqual(['canvas'])
  })
})

describe('noise', () => {
  it('stays out, whoever reads the value before or after it is known for noise', async () => {
    const { options } = createWorld()
    const { raw, unstable } = await collect(
      {
        late: async () => ({ audio: 1 }),
        protection: () => ({ audio: { isUnstable: true }, screen: { isUnstable: true } }),
        screen: () => ({ screen: [1920, 1080], platform: 'Win32' }),
      },
      options,
    )
    expect(raw).toEqual({ platform: 'Win32' })
    expect(unstable).toEqual(['audio', 'screen'])
  })
})

describe('the report', () => {
  it('is one the server takes, whatever a browser answers', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom<string>(...SIGNAL_NAMES), fc.jsonValue()),
        fc.subarray([...SIGNAL_NAMES] as string[]),
        (raw, unstable) => {
          const collection = { raw: raw as Record<string, string>, unstable, isPartial: false }
          const { partial: _partial, ...report } = toObservation(collection, 's')
          expect(fingerprintReportSchema.safeParse(report).error).toBeUndefined()
        },
      ),
      { numRuns: propertyRuns(300) },
    )
  })

  it('is hashed as FingerprintJS hashes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(murmurHash128Text(text)).toBe(murmurX64Hash128(text))
      }),
    )
  })
})
