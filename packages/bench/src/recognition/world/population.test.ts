import { FingerprintGenerator } from 'fingerprint-generator'
import { expect, it } from 'vitest'
import { readCatalogue } from './catalogue.ts'
import { describePopulation } from './describe-population.ts'
import { createPopulation } from './population.ts'
import { dayOf } from './releases.ts'
import { softwareAt, systemOf } from './software.ts'
import { entropy, describe as tell } from './statistics.ts'
import { findWorld } from './worlds.ts'

const MIXED = findWorld('test-mixed-7d')
const drawn = describePopulation(MIXED, 30_000)
const bitsOf = (name: string) => drawn.attributes.find((attribute) => attribute.name === name)?.bits ?? 0

it('is as telling as studied populations: joint entropy, redundancy, uniqueness, crowds of iPhones', () => {
  const { all, desktop, mobile, iphone } = drawn.crowds
  // Of 30,000: with ten times as many (the bench prints those) joint bits rise by about 1.3, and uniqueness falls.
  expect(drawn.jointBits).toBeGreaterThan(11.5)
  expect(drawn.jointBits).toBeLessThan(13.5)
  expect(drawn.summedBits / drawn.jointBits).toBeGreaterThan(4)
  expect(drawn.summedBits / drawn.jointBits).toBeLessThan(5.8)
  expect(desktop?.unique).toBeGreaterThan(0.35)
  expect(desktop?.unique).toBeLessThan(0.65)
  expect(mobile?.unique).toBeGreaterThan(0.2)
  expect(mobile?.unique).toBeLessThan(0.5)
  expect(iphone?.medianSet).toBeGreaterThan(15)
  expect(all?.browsers).toBe(30_000)
})

it('hangs on the device: what a GPU decides adds little to it, and Apple’s chips keep their cores', () => {
  const draw = createPopulation({ ...MIXED, browsers: 6000 })
  const browsers = Array.from({ length: 6000 }, (_, index) => draw(index))
  const coresOf = new Map<string, Map<number, number>>()
  for (const browser of browsers) {
    const { device } = browser
    if (device.kind !== 'desktop') continue
    // Direct3D is Windows' own.
    if (device.gpu.renderer.includes('Direct3D')) expect(systemOf(browser)).toBe('windows')
    const counts = coresOf.get(device.gpu.renderer) ?? new Map<number, number>()
    coresOf.set(
      device.gpu.renderer,
      counts.set(device.build.cores, (counts.get(device.build.cores) ?? 0) + 1),
    )
  }
  const m1 = [...coresOf].filter(([gpu]) => /Apple M1,/.test(gpu)).flatMap(([, cores]) => [...cores.keys()])
  expect(new Set(m1)).toEqual(new Set([8]))
  const total = [...coresOf.values()]
    .flatMap((cores) => [...cores.values()])
    .reduce((sum, count) => sum + count, 0)
  const conditional = [...coresOf.values()].reduce((sum, cores) => {
    const own = [...cores.values()].reduce((count, each) => count + each, 0)
    return sum + (own / total) * entropy(cores.values(), own)
  }, 0)
  expect(conditional).toBeLessThan(bitsOf('hardwareConcurrency') * 0.6)
})

it('has twins among ordinary people, and every kind of device asked for', () => {
  expect(drawn.crowds['iphone']?.unique).toBeLessThan(0.15)
  for (const kind of ['windows', 'mac', 'linux', 'chromeos', 'iphone', 'ipad', 'android']) {
    expect(drawn.crowds[kind]?.browsers).toBeGreaterThan(100)
  }
})

it('has the shares asked for, fleets included', () => {
  const { devices } = MIXED.population
  const total = Object.values(devices).reduce((sum, weight) => sum + weight, 0)
  const share = (drawn.crowds['windows']?.browsers ?? 0) / drawn.browsers
  expect(share).toBeCloseTo((devices.windows ?? 0) / total, 1)
})

it('keeps the leading Chrome on 60 to 80 % of browsers, over a cycle', () => {
  const population = {
    ...MIXED.population,
    devices: { windows: 1 },
    desktopBrowsers: { chrome: 1 },
    inFleets: 0,
  }
  const draw = createPopulation({ ...MIXED, population, browsers: 1500 })
  const browsers = Array.from({ length: 1500 }, (_, index) => draw(index))
  const shares = Array.from({ length: 14 }, (_, later) => {
    const day = dayOf(MIXED.startsAt) + 40 + later
    const majors = Map.groupBy(browsers, (browser) => softwareAt(browser, day, MIXED.drift).major)
    return Math.max(...[...majors.values()].map(({ length }) => length)) / browsers.length
  })
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  expect(mean).toBeGreaterThan(0.6)
  expect(mean).toBeLessThan(0.8)
})

it('takes its values from fingerprint-generator: whatever that draws stands in the catalogue', () => {
  const { windows } = readCatalogue()
  const generator = new FingerprintGenerator({
    operatingSystems: ['windows'],
    browsers: ['chrome'],
    devices: ['desktop'],
  })
  for (let drawing = 0; drawing < 20; drawing++) {
    const { fingerprint } = generator.getFingerprint()
    const { navigator, fonts, videoCard } = fingerprint
    expect(windows.cores.map(([cores]) => cores)).toContain(navigator.hardwareConcurrency)
    expect(windows.fonts.map(([set]) => set.join())).toContain(fonts.join())
    if (!/Basic Render|SwiftShader|VMware|Parallels|VirtualBox/i.test(videoCard.renderer)) {
      expect(windows.gpus.map(([gpu]) => gpu.renderer)).toContain(videoCard.renderer)
    }
  }
})

it('reads values that browsers show from the catalogue, each with its share, and no virtual machine', () => {
  for (const shelf of Object.values(readCatalogue())) {
    for (const values of Object.values(shelf)) {
      const sum = (values as [unknown, number][]).reduce((total, [, share]) => total + share, 0)
      expect(sum).toBeCloseTo(1, 6)
    }
    expect(shelf.gpus.some(([{ renderer }]) => /SwiftShader|Basic Render/.test(renderer))).toBe(false)
  }
})

it('counts entropy, uniqueness and sets as by hand', () => {
  // Four browsers: two alike, two alone. One bit of a, one and a half bits of both.
  const members = [
    { groups: ['left'], attributes: { a: 'x', b: '1' } },
    { groups: ['left'], attributes: { a: 'x', b: '1' } },
    { groups: [], attributes: { a: 'y', b: '1' } },
    { groups: [], attributes: { a: 'y', b: '2' } },
  ]
  const { attributes, jointBits, summedBits, crowds } = tell(members)
  expect(attributes).toEqual([
    { name: 'a', bits: 1, distinct: 2 },
    { name: 'b', bits: entropy([3, 1], 4), distinct: 2 },
  ])
  expect(jointBits).toBe(1.5)
  expect(summedBits).toBeCloseTo(1.8113, 4)
  expect(crowds).toEqual({
    all: { browsers: 4, unique: 0.5, medianSet: 2 },
    left: { browsers: 2, unique: 0, medianSet: 2 },
  })
})
