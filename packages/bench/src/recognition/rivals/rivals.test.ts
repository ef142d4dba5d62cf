import { describe, expect, it } from 'vitest'
import type { RawSignals } from '../world/visit.ts'
import { createEqualWeights } from './agreement.ts'
import { createFingerprintJs, createSingleHolder } from './fingerprintjs.ts'
import { createFpStalker } from './fp-stalker.ts'
import { createPanopticlick } from './panopticlick.ts'
import type { Rival } from './rival.ts'
import { createRivals } from './rivals.ts'
import { createSignet } from './signet.ts'
import { similarity } from './similarity.ts'
import { createThumbmarkJs } from './thumbmarkjs.ts'

const agentOf = (major: number) =>
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`
const brands = (major: number) => [['Chromium', `${major}`] as const, ['Google Chrome', `${major}`] as const]

const chrome = {
  userAgent: agentOf(156),
  uaData: { brands: brands(156), platform: 'Windows', platformVersion: '19.0.0', model: '' },
  platform: 'Win32',
  gpuVendor: 'Google Inc. (Intel)',
  gpuRenderer: 'ANGLE (Intel, Intel(R) UHD Graphics 620 (0x00005917) Direct3D11 vs_5_0 ps_5_0, D3D11)',
  canvas: 'c1',
  webgl: 'w1',
  audio: 'a1',
  fonts: ['Arial', 'Calibri'],
  screen: [1920, 1080],
  devicePixelRatio: 1,
  colorDepth: 24,
  timezone: 'Europe/Madrid',
  languages: ['es-ES', 'es'],
  hardwareConcurrency: 8,
  deviceMemory: 8,
  touchPoints: 0,
} satisfies RawSignals
const firefox: RawSignals = {
  ...chrome,
  userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0',
}
const updated = { userAgent: agentOf(157), uaData: { ...chrome.uaData, brands: brands(157) } }

const onDay = (day: number) => new Date(Date.UTC(2026, 9, 1 + day)).toISOString()

/** Whether the second of two visits is taken for the first's browser. */
function links(rival: Rival, [first, second]: readonly [RawSignals, RawSignals], days = 1): boolean {
  const before = rival.assign({ t: onDay(0), signals: first })
  const after = rival.assign({ t: onDay(days), signals: second })
  expect(before.answered).toBe(false)
  expect(after.answered).toBe(after.visitor === before.visitor)
  return after.answered
}

/** Every single change that breaks it. */
const lostBy = (create: () => Rival, changes: Readonly<Record<string, RawSignals>>) =>
  Object.keys(changes).filter((name) => !links(create(), [chrome, { ...chrome, ...changes[name] }]))

const CHANGES: Readonly<Record<string, RawSignals>> = {
  nothing: {},
  monitor: { screen: [2560, 1440] },
  zoom: { devicePixelRatio: 1.25, canvas: 'c2' },
  travel: { timezone: 'America/New_York' },
  language: { languages: ['en-US', 'en'] },
  update: updated,
  touch: { touchPoints: 10 },
}

describe('exact hashes', () => {
  it('loses a browser to what was measured with the real FingerprintJS: not to an update', () => {
    expect(lostBy(createFingerprintJs, CHANGES)).toEqual(['monitor', 'zoom', 'travel', 'language', 'touch'])
  })

  it('loses a browser to what was measured with the real ThumbmarkJS: to an update, not to a monitor', () => {
    expect(lostBy(createThumbmarkJs, CHANGES)).toEqual(['zoom', 'travel', 'language', 'update', 'touch'])
  })

  it('leaves out what the libraries leave out on Firefox', () => {
    expect(
      links(createFingerprintJs(), [firefox, { ...firefox, canvas: 'c2', hardwareConcurrency: 4 }]),
    ).toBe(true)
    expect(links(createThumbmarkJs(), [firefox, { ...firefox, canvas: 'c2', fonts: [] }])).toBe(true)
  })

  it('is as confident as FingerprintJS says it is, which is a constant by platform', () => {
    expect(createFingerprintJs().assign({ t: onDay(0), signals: chrome }).confidence).toBe(60)
  })

  it('names the last holder, or nobody where proof has told of several', () => {
    const [loud, quiet] = [createFingerprintJs(), createSingleHolder()]
    for (const rival of [loud, quiet]) {
      const other = rival.assign({ t: onDay(0), signals: { ...chrome, canvas: 'c9' } }).visitor
      rival.assign({ t: onDay(1), signals: chrome })
      rival.assign({ t: onDay(2), signals: chrome }, other)
    }
    expect(loud.assign({ t: onDay(3), signals: chrome })).toMatchObject({ answered: true, visitor: 'v1' })
    expect(quiet.assign({ t: onDay(3), signals: chrome })).toMatchObject({ answered: false, visitor: 'v3' })
  })
})

describe('Panopticlick', () => {
  it('follows one free change, one small change, and never two', () => {
    expect(links(createPanopticlick(), [chrome, { ...chrome, screen: [2560, 1440] }])).toBe(true)
    expect(links(createPanopticlick(), [chrome, { ...chrome, ...updated }])).toBe(true)
    expect(
      links(createPanopticlick(), [chrome, { ...chrome, fonts: ['Arial', 'Comic Sans', 'Wingdings', 'Z'] }]),
    ).toBe(false)
    expect(links(createPanopticlick(), [chrome, { ...chrome, ...updated, screen: [2560, 1440] }])).toBe(false)
  })

  it('is nobody’s where two visitors differ in one attribute each', () => {
    const rival = createPanopticlick()
    rival.assign({ t: onDay(0), signals: { ...chrome, screen: [1366, 768] } })
    rival.assign({ t: onDay(0), signals: { ...chrome, timezone: 'Asia/Tokyo', screen: [1280, 720] } }, 'v2')
    rival.assign({ t: onDay(0), signals: { ...chrome, timezone: 'Asia/Tokyo' } }, 'v2')
    expect(rival.assign({ t: onDay(1), signals: chrome }).answered).toBe(false)
  })
})

describe('FP-Stalker by rules', () => {
  const paper = () => createFpStalker({ hasRule7: true })
  const code = () => createFpStalker({ hasRule7: false })
  const follows = (change: RawSignals, create = paper, first: RawSignals = chrome) =>
    links(create(), [first, { ...chrome, ...change }])

  it('1: never across system, platform or browser family', () => {
    expect(follows({ platform: 'Linux x86_64' })).toBe(false)
    expect(follows({ userAgent: firefox.userAgent ?? '' })).toBe(false)
  })

  it('2: never to an older version', () => {
    expect(follows(updated)).toBe(true)
    expect(follows({}, paper, { ...chrome, ...updated })).toBe(false)
  })

  it('3: never to another canvas', () => {
    expect(follows({ canvas: 'c2' })).toBe(false)
  })

  it('4: fonts may come or go, not both', () => {
    expect(follows({ fonts: ['Arial', 'Calibri', 'Hack'] })).toBe(true)
    expect(follows({ fonts: ['Arial'] })).toBe(true)
    expect(follows({ fonts: ['Arial', 'Hack'] })).toBe(false)
  })

  it('5: user agent, vendor, renderer and languages change a little, two of them at most', () => {
    expect(follows({ gpuRenderer: chrome.gpuRenderer.replace('620', '630') })).toBe(true)
    expect(follows({ gpuRenderer: 'llvmpipe' })).toBe(false)
    expect(follows({ languages: ['en-US', 'en', 'fr'] })).toBe(false)
    const two = { ...updated, gpuRenderer: chrome.gpuRenderer.replace('620', '630') }
    expect(follows(two, code)).toBe(true)
    expect(follows({ ...two, gpuVendor: 'Google Inc. (IntelX)' }, code)).toBe(false)
  })

  it('6: resolution or timezone becomes anything, not both', () => {
    expect(follows({ screen: [800, 600] })).toBe(true)
    expect(follows({ timezone: 'Asia/Tokyo' })).toBe(true)
    expect(follows({ screen: [800, 600], timezone: 'Asia/Tokyo' }, code)).toBe(false)
  })

  it('7: fewer than two changes in all, which the authors’ code does not ask for', () => {
    expect(follows({ ...updated, screen: [800, 600] })).toBe(false)
    expect(follows({ ...updated, screen: [800, 600] }, code)).toBe(true)
  })

  it('gives a new name where candidates belong to two visitors, and an exact print goes first', () => {
    const rival = code()
    rival.assign({ t: onDay(0), signals: chrome })
    rival.assign({
      t: onDay(0),
      signals: { ...chrome, ...updated, screen: [800, 600], timezone: 'Asia/Tokyo' },
    })
    expect(
      rival.assign({ t: onDay(1), signals: { ...chrome, ...updated, screen: [800, 600] } }).answered,
    ).toBe(false)
    expect(rival.assign({ t: onDay(2), signals: chrome })).toMatchObject({ answered: true, visitor: 'v1' })
  })

  it('remembers the last two prints of a visitor', () => {
    const rival = code()
    const back = (canvas: string) => rival.assign({ t: onDay(3), signals: { ...chrome, canvas } }).answered
    rival.assign({ t: onDay(0), signals: chrome })
    for (const canvas of ['c2', 'c3']) rival.assign({ t: onDay(1), signals: { ...chrome, canvas } }, 'v1')
    expect([back('c2'), back('c3'), back('c1')]).toEqual([true, true, false])
  })

  it('forgets visitors idle for more than thirty days, at every 2,000th visit', () => {
    const rival = code()
    rival.assign({ t: onDay(0), signals: chrome })
    for (let visit = 1; visit < 2000; visit++) {
      rival.assign({ t: onDay(20), signals: { ...chrome, canvas: 'other' } }, 'v9')
    }
    expect(rival.assign({ t: onDay(31), signals: chrome }).answered).toBe(false)
    expect(rival.assign({ t: onDay(31), signals: { ...chrome, canvas: 'other' } }).answered).toBe(true)
  })
})

describe('agreement', () => {
  it('follows a browser of which most attributes stay, and nobody where two agree alike', () => {
    const rival = createEqualWeights()
    rival.assign({ t: onDay(0), signals: chrome })
    expect(rival.assign({ t: onDay(1), signals: { ...chrome, ...updated } }).answered).toBe(true)
    rival.assign({ t: onDay(2), signals: { ...chrome, ...updated } }, 'v2')
    expect(rival.assign({ t: onDay(3), signals: { ...chrome, ...updated } }).answered).toBe(false)
  })

  it('as signet does it takes whoever has the same hardware within 48 hours, however little else agrees', () => {
    const moved = {
      ...firefox,
      timezone: 'Asia/Tokyo',
      languages: ['ja'],
      screen: [800, 600] as const,
      fonts: [],
    }
    expect(links(createSignet(), [chrome, moved], 2)).toBe(true)
    expect(links(createSignet(), [chrome, moved], 3)).toBe(false)
  })
})

it('measures similarity as python-Levenshtein’s ratio does', () => {
  // Levenshtein.ratio('lewenstein', 'levenshtein'), from its documentation's kind of words: 2 · 9 / 21.
  expect(similarity('lewenstein', 'levenshtein')).toBeCloseTo(18 / 21, 10)
  expect(similarity('abc', 'xyz')).toBe(0)
  expect(similarity('', '')).toBe(1)
})

it('keeps a visit under whom proof names, and knows that one by its print from then on', () => {
  for (const rival of createRivals()) {
    const { visitor } = rival.assign({
      t: onDay(0),
      signals: { ...chrome, canvas: 'c7', timezone: 'Asia/Tokyo' },
    })
    rival.assign({ t: onDay(10), signals: { ...firefox, platform: 'MacIntel' } }, visitor)
    const again = rival.assign({ t: onDay(20), signals: { ...firefox, platform: 'MacIntel' } })
    expect([rival.name, again.answered, again.visitor]).toEqual([rival.name, true, visitor])
  }
})
