import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateVisits } from './generate.ts'
import type { DriftSettings, WorldSettings } from './settings.ts'
import type { RawSignals, Visit } from './visit.ts'
import { findWorld, generateWorld, listWorlds } from './worlds.ts'
import { writeWorld } from './write-world.ts'

const MIXED = findWorld('test-mixed-7d')
const visitsOf = (changes: Partial<WorldSettings>): Visit[] => [
  ...generateVisits({ ...MIXED, browsers: 80, days: 70, stayers: 1, ...changes }),
]

/** Nothing ever happens, not even a release. */
const STILL: DriftSettings = {
  ...MIXED.drift,
  chromeDays: 10_000,
  firefoxDays: 10_000,
  neverUpdates: 1,
  fontInstallsPerYear: 0,
  docked: 0,
  hybridGraphics: 0,
  travellers: 0,
  languageChangesPerYear: 0,
  preferenceChangesPerYear: 0,
  zoomChangesPerYear: 0,
  displayChangesPerYear: 0,
  hardwareChangesPerYear: 0,
  networkRenewalsPerYear: 0,
  visitsElsewhere: 0,
}
const DESKTOPS = {
  ...MIXED.population,
  devices: { windows: 70, mac: 20, linux: 10 },
  desktopBrowsers: { chrome: 80, edge: 20 },
  safariOnMac: 0,
}
/** Cookie and key are kept for ever. */
const KEPT = {
  ...MIXED.storage,
  clearingsPerYear: 1e-9,
  clearsAlways: 0,
  privateVisitors: 0,
  refusesKey: 0,
  isCapped: false,
}

const text = (value: unknown) => JSON.stringify(value)

/** Pairs of a browser's visits, one after the other. */
function* steps(visits: readonly Visit[]): Generator<[before: Visit, after: Visit]> {
  const last = new Map<string, Visit>()
  for (const visit of visits) {
    const before = last.get(visit.browser)
    if (before !== undefined) yield [before, visit]
    last.set(visit.browser, visit)
  }
}

const changed = (before: RawSignals, after: RawSignals) =>
  (Object.keys(before) as (keyof RawSignals)[]).filter((name) => text(before[name]) !== text(after[name]))

/** What changes together in a world, as sorted lists of names. */
const changesIn = (drift: Partial<DriftSettings>) =>
  [...steps(visitsOf({ population: DESKTOPS, storage: KEPT, drift: { ...STILL, ...drift } }))]
    .map(([before, after]) => changed(before.signals, after.signals))
    .filter((names) => names.length > 0)

const hasTogether = (changes: readonly string[][], names: readonly string[]) =>
  changes.some((change) => names.every((name) => change.includes(name)))

it('gives the same lines for the same settings, and others for another seed', () => {
  expect(text(visitsOf({}))).toBe(text(visitsOf({})))
  expect(text(visitsOf({ seed: MIXED.seed + 1 }))).not.toBe(text(visitsOf({})))
})

it('gives lines of the replay format, in order of time', () => {
  const visits = visitsOf({})
  const times = visits.map(({ t }) => t)
  expect(times).toEqual(times.toSorted())
  for (const { t, browser, evidence, network, signals, ...rest } of visits) {
    expect(new Date(t).toISOString()).toBe(t)
    expect(browser).toMatch(/^b\d+$/)
    expect(Object.keys(evidence)).toEqual(['deviceKey', 'cookie', 'deviceId'])
    expect(network).toMatch(/^(\d{1,3}\.){3}0\/24$/)
    expect(signals.userAgent).toMatch(/^Mozilla\/5\.0 \(/)
    expect(Object.keys(rest).filter((name) => name !== 'unstable')).toEqual([])
  }
})

it('writes a world as a recording, one visit a line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'world-'))
  try {
    const path = join(folder, 'world.jsonl')
    const world = { ...findWorld('tune-noise-10d'), browsers: 100 }
    await writeWorld(world, path)
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    const visits = [...generateVisits(world)]
    expect(lines.length).toBe(visits.length)
    expect(lines.filter((line, position) => line !== text(visits[position]))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('names each world once, with seeds and settings of its own for tuning and for testing', () => {
  const [tune, test] = [listWorlds('tune'), listWorlds('test')]
  const all = [...tune, ...test]
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  expect(new Set(all.map(({ seed }) => seed)).size).toBe(all.length)
  const settings = (worlds: readonly WorldSettings[]) =>
    new Set(worlds.flatMap(({ population, drift, storage }) => [population, drift, storage].map(text)))
  expect([...settings(tune)].filter((each) => settings(test).has(each))).toEqual([])
  const [first] = generateWorld('test-mixed-7d')
  expect(first?.t.slice(0, 10)).toBe('2026-10-05')
  expect(() => findWorld('nowhere')).toThrow(/There are: tune-/)
})

it('asks every so many days exactly, or at random with a mean that differs by person', () => {
  const gaps = (rhythm: WorldSettings['rhythm']) =>
    Array.from(
      steps(visitsOf({ rhythm })),
      ([before, after]) => (Date.parse(after.t) - Date.parse(before.t)) / 86_400_000,
    )
  for (const gap of gaps({ everyDays: 10 })) expect(gap).toBeCloseTo(10, 5)
  const means = [
    ...Map.groupBy(visitsOf({ rhythm: { meanGapDays: 5 } }), ({ browser }) => browser).values(),
  ].map((own) => 70 / own.length)
  expect(Math.max(...means) / Math.min(...means)).toBeGreaterThan(10)
})

describe('drift', () => {
  it('leaves a browser as it is where nothing happens', () => {
    expect(changesIn({})).toEqual([])
  })

  it('moves user agent and client hints with a major, and canvas too when the engine draws anew', () => {
    const changes = changesIn({
      chromeDays: 14,
      neverUpdates: 0,
      renderingEpochMajors: 3,
      osReleasesPerYear: 0.01,
      driverReleasesPerYear: 0.01,
    })
    expect(hasTogether(changes, ['userAgent', 'uaData'])).toBe(true)
    expect(hasTogether(changes, ['userAgent', 'uaData', 'canvas'])).toBe(true)
    expect([...new Set(changes.flat())].sort()).toEqual(['canvas', 'uaData', 'userAgent', 'webgl'])
  })

  it('flips docked laptops between the same two or three displays', () => {
    const visits = visitsOf({ population: DESKTOPS, storage: KEPT, drift: { ...STILL, docked: 1 } })
    const changes = Array.from(steps(visits), ([before, after]) => changed(before.signals, after.signals))
    expect(hasTogether(changes, ['screen', 'devicePixelRatio'])).toBe(true)
    expect(hasTogether(changes, ['screen', 'canvas'])).toBe(true)
    for (const own of Map.groupBy(visits, ({ browser }) => browser).values()) {
      expect(new Set(own.map(({ signals }) => text(signals.screen))).size).toBeLessThanOrEqual(3)
    }
  })

  it('takes travellers to another timezone and network, and home again', () => {
    const visits = visitsOf({ storage: KEPT, drift: { ...STILL, travellers: 1, tripsPerYear: 12 } })
    const abroad = [...steps(visits)].filter(
      ([before, after]) => before.signals.timezone !== after.signals.timezone,
    )
    expect(abroad.length).toBeGreaterThan(10)
    expect(abroad.every(([before, after]) => before.network !== after.network)).toBe(true)
    const homes = [...Map.groupBy(visits, ({ browser }) => browser).values()].map((own) =>
      own.filter(({ network }) => network === own[0]?.network),
    )
    for (const home of homes) expect(new Set(home.map(({ signals }) => signals.timezone)).size).toBe(1)
  })

  it('moves screen, ratio and canvas with a scale, GPU, WebGL and canvas with a card', () => {
    expect(
      hasTogether(changesIn({ displayChangesPerYear: 4 }), ['screen', 'devicePixelRatio', 'canvas']),
    ).toBe(true)
    expect(hasTogether(changesIn({ hybridGraphics: 1 }), ['gpuRenderer', 'webgl', 'canvas'])).toBe(true)
    expect(hasTogether(changesIn({ hardwareChangesPerYear: 6 }), ['gpuRenderer', 'webgl'])).toBe(true)
  })

  it('is uneven: few browsers have most of the changes', () => {
    const visits = visitsOf({
      browsers: 400,
      population: DESKTOPS,
      drift: { ...STILL, fontInstallsPerYear: 3 },
    })
    const counts = new Map<string, number>()
    for (const [before, after] of steps(visits)) {
      const by = changed(before.signals, after.signals).length > 0 ? 1 : 0
      counts.set(after.browser, (counts.get(after.browser) ?? 0) + by)
    }
    const sorted = [...counts.values()].sort((left, right) => right - left)
    const total = sorted.reduce((sum, count) => sum + count, 0)
    const tenth = sorted.slice(0, sorted.length / 10).reduce((sum, count) => sum + count, 0)
    expect(tenth / total).toBeGreaterThan(0.3)
  })

  it('never lowers a browser’s version', () => {
    const major = ({ signals }: Visit) =>
      Number(/(?:Firefox|Chrome|CriOS|Version)\/(\d+)/.exec(signals.userAgent ?? '')?.[1])
    for (const [before, after] of steps(visitsOf({})))
      expect(major(after)).toBeGreaterThanOrEqual(major(before))
  })
})

describe('noise', () => {
  const noisy = (desktopBrowsers: WorldSettings['population']['desktopBrowsers']) =>
    visitsOf({ population: { ...DESKTOPS, desktopBrowsers, resisting: 1 }, drift: STILL })

  it('of Brave differs from one visit to the next, and is not noticed within one', () => {
    for (const [before, after] of steps(noisy({ brave: 1 }))) {
      expect(changed(before.signals, after.signals)).toContain('canvas')
      expect(after.unstable).toBeUndefined()
    }
  })

  it('of a Firefox that resists is noticed on the canvas, and hides place and language', () => {
    for (const { signals, unstable } of noisy({ firefox: 1 })) {
      expect(unstable).toEqual(['canvas'])
      expect([signals.timezone, signals.languages]).toEqual(['Atlantic/Reykjavik', ['en-US', 'en']])
    }
  })
})

describe('fleets', () => {
  const fleets = visitsOf({
    browsers: 300,
    rhythm: { everyDays: 7 },
    drift: STILL,
    population: {
      ...MIXED.population,
      devices: { windows: 1 },
      inFleets: 0.999,
      fleetSize: [50, 60],
      resisting: 0,
    },
  })
  const machines = Map.groupBy(fleets, ({ browser }) => browser)

  it('are machines that show the very same, often from one network', () => {
    const shown = [...machines.values()].map(([first]) => text(first?.signals))
    const noiseless = shown.filter((signals) => !signals.includes('"Brave"'))
    // 300 machines in fleets of 50 to 60.
    expect(noiseless.length).toBeGreaterThan(200)
    expect(new Set(noiseless).size).toBeLessThanOrEqual(6)
    const networks = Map.groupBy(fleets, ({ network }) => network)
    expect(
      Math.max(...[...networks.values()].map((own) => new Set(own.map(({ browser }) => browser)).size)),
    ).toBeGreaterThan(40)
  })

  it('hold cookies and keys of their own all the same', () => {
    const cookies = [...machines.values()].map(([first]) => first?.evidence.cookie)
    expect(new Set(cookies).size).toBe(machines.size)
  })
})

describe('evidence', () => {
  const lost = (storage: Partial<WorldSettings['storage']>, changes: Partial<WorldSettings> = {}) =>
    Array.from(steps(visitsOf({ ...changes, storage: { ...KEPT, ...storage } })), ([before, after]) => ({
      key: before.evidence.deviceKey !== after.evidence.deviceKey,
      cookie: before.evidence.cookie !== after.evidence.cookie,
      deviceId: before.evidence.deviceId !== after.evidence.deviceId,
    }))

  it('is given on the first visit and kept where nothing is cleared', () => {
    expect(lost({}).filter(({ key, cookie, deviceId }) => key || cookie || deviceId)).toEqual([])
    for (const { evidence } of visitsOf({ storage: KEPT }))
      expect(Object.values(evidence)).not.toContain(null)
  })

  it('is lost together where people clear, by about a third of them in a year', () => {
    const year = visitsOf({
      browsers: 1000,
      days: 365,
      rhythm: { everyDays: 45 },
      storage: { ...KEPT, clearingsPerYear: 0.386 },
    })
    const cleared = new Set<string>()
    for (const [before, after] of steps(year)) {
      const isGone = before.evidence.cookie !== after.evidence.cookie
      expect(before.evidence.deviceKey !== after.evidence.deviceKey).toBe(isGone)
      if (isGone) cleared.add(after.browser)
    }
    // Uneven people: some clear often, so fewer clear at all than one rate for all would give (32 %).
    expect(cleared.size / 1000).toBeGreaterThan(0.2)
    expect(cleared.size / 1000).toBeLessThan(0.34)
  })

  it('loses key and device id, not the server’s cookie, where Safari stays away for more than seven days', () => {
    const population = { ...MIXED.population, devices: { iphone: 1 } }
    const capped = lost({ isCapped: true }, { population, rhythm: { everyDays: 10 } })
    expect(capped.every(({ key, cookie, deviceId }) => key && deviceId && !cookie)).toBe(true)
    const often = lost({ isCapped: true }, { population, rhythm: { everyDays: 3 } })
    expect(often.every(({ key }) => !key)).toBe(true)
  })

  it('is another one in each private window, and the old one outside', () => {
    const visits = visitsOf({ storage: { ...KEPT, privateVisitors: 1, privateVisits: 0.5 } })
    for (const own of Map.groupBy(visits, ({ browser }) => browser).values()) {
      const counts = [...Map.groupBy(own, ({ evidence }) => evidence.cookie).values()].map(
        ({ length }) => length,
      )
      expect(counts.filter((count) => count > 1).length).toBeLessThanOrEqual(1)
    }
    expect(new Set(visits.map(({ evidence }) => evidence.cookie)).size).toBeGreaterThan(visits.length * 0.35)
  })
})
