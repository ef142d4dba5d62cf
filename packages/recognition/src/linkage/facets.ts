import type { SignalGroup, SignalName } from '../signals.ts'

/** Signals that one cause moves together; agreement is counted by facet, so that none is counted twice. */
export type Facet =
  | 'display'
  | 'fonts'
  | 'hardware'
  | 'languages'
  | 'network'
  | 'preferences'
  | 'rendering'
  | 'system'
  | 'timezone'
  | 'zoom'

/** Every signal but `browserMajor`, whose order counts, and `timezoneOffset`, which summer time moves. */
export const FACETS: Readonly<Record<Facet, readonly SignalName[]>> = {
  hardware: [
    'gpuVendor',
    'gpuRenderer',
    'hardwareConcurrency',
    'deviceMemory',
    'architecture',
    'model',
    'platform',
  ],
  rendering: ['webgl', 'canvas', 'audio'],
  fonts: ['fonts'],
  display: ['screen', 'colorDepth', 'colorGamut', 'hdr', 'touchPoints'],
  zoom: ['devicePixelRatio', 'canvasText'],
  languages: ['languages'],
  timezone: ['timezone'],
  system: [
    'userAgent',
    'uaPlatform',
    'uaPlatformVersion',
    'vendor',
    'plugins',
    'acceptEncoding',
    'cookiesEnabled',
    'pdfViewer',
  ],
  preferences: [
    'doNotTrack',
    'reducedMotion',
    'reducedTransparency',
    'contrast',
    'forcedColors',
    'invertedColors',
  ],
  network: ['networkPrefix'],
}

export const FACET_NAMES = Object.keys(FACETS) as Facet[]

/** The group under which a facet's evidence is told. */
export const GROUP_OF: Readonly<Record<Facet, SignalGroup>> = {
  hardware: 'device',
  rendering: 'device',
  fonts: 'device',
  display: 'display',
  zoom: 'display',
  languages: 'locale',
  timezone: 'locale',
  system: 'software',
  preferences: 'software',
  network: 'network',
}
