import { listFalsified } from '@helloagain/recognition'
import { afterEach, expect, it, vi } from 'vitest'
import { readProtection } from './protection.ts'

afterEach(() => void vi.unstubAllGlobals())

interface Shown {
  navigator?: object
  zone?: string
  /** CSS pixels. */
  screen?: [number, number]
  window?: [number, number]
}

/** What `isGecko` of FingerprintJS looks for. */
const GECKO = { onmozfullscreenchange: null, mozInnerScreenX: 0, CanvasCaptureMediaStream: class {} }

function protectionOf(shown: Shown, page: object = GECKO) {
  const { navigator = {}, zone = 'Europe/Madrid', screen = [1920, 1080], window = [1280, 720] } = shown
  vi.stubGlobal('window', page)
  vi.stubGlobal('innerWidth', window[0])
  vi.stubGlobal('innerHeight', window[1])
  vi.stubGlobal('navigator', navigator)
  vi.stubGlobal('document', { documentElement: { style: { MozAppearance: '' } } })
  return readProtection(zone, screen)
}

const FIREFOX = { buildID: '20181001000000' }
// As Firefox 153 shows itself with privacy.resistFingerprinting (measured 2026-11).
const RESISTING: Shown = {
  navigator: FIREFOX,
  zone: 'Atlantic/Reykjavik',
  screen: [800, 600],
  window: [800, 600],
}

it.each<[string, Shown, string]>([
  ['an ordinary Firefox', { navigator: FIREFOX }, 'none'],
  ['a Firefox in Iceland', { navigator: FIREFOX, zone: 'Atlantic/Reykjavik' }, 'none'],
  ['a Firefox that fills the screen', { navigator: FIREFOX, screen: [1280, 720] }, 'none'],
  ['a Firefox that resists fingerprinting', RESISTING, 'rfp'],
  ['an older one, whose zone is UTC', { ...RESISTING, zone: 'UTC' }, 'rfp'],
  ['Brave', { navigator: { brave: { isBrave: async () => true } } }, 'brave'],
])('knows %s', (_what, shown, protection) => {
  expect(protectionOf(shown)).toBe(protection)
})

it('takes another engine of the same size in the same zone for what it is', () => {
  expect(protectionOf(RESISTING, {})).toBe('none')
})

it('calls nothing of an unprotected browser noise', () => {
  expect(listFalsified('none')).toEqual([])
  expect(listFalsified('rfp')).toContain('timezone')
})
