import type { SignalName } from './signals.ts'

// Li & Cao, IMC 2020, 300,000 browsers: Shapley values, the joint 14.14 bits shared out without counting twice.
const LI_CAO = 'Li & Cao 2020, N = 300,000, Shapley value'
// The same study's entropy alone × 14.14/70.2.
const LI_CAO_SCALED = 'Li & Cao 2020, N = 300,000, entropy × 14.14/70.2'
// Berke et al., PoPETs 2025, 8,400 browsers: entropy alone × 12.10/33.45, the study's joint to summed ratio.
const BERKE_SCALED = 'Berke et al. 2025, N = 8,400, entropy × 12.10/33.45'
const ASSUMED = 'assumed small: no published figure on a modern population'
const ROBOTS = 'tells robots apart, not people'

/** Where the bits of each signal come from. */
export const SIGNAL_SOURCES: Readonly<Record<SignalName, string>> = {
  gpuVendor: ASSUMED,
  gpuRenderer: LI_CAO,
  webgl: LI_CAO,
  canvas: LI_CAO,
  canvasText: LI_CAO,
  audio: LI_CAO,
  fonts: LI_CAO,
  hardwareConcurrency: LI_CAO,
  deviceMemory: BERKE_SCALED,
  architecture: ASSUMED,
  model: ASSUMED,
  screen: BERKE_SCALED,
  devicePixelRatio: LI_CAO,
  colorDepth: LI_CAO_SCALED,
  colorGamut: ASSUMED,
  hdr: ASSUMED,
  touchPoints: BERKE_SCALED,
  languages: LI_CAO,
  timezone: LI_CAO,
  timezoneOffset: ASSUMED,
  userAgent: LI_CAO,
  browserMajor: LI_CAO,
  platform: LI_CAO_SCALED,
  uaPlatform: LI_CAO_SCALED,
  uaPlatformVersion: LI_CAO,
  vendor: ASSUMED,
  plugins: ASSUMED,
  acceptEncoding: LI_CAO_SCALED,
  doNotTrack: LI_CAO,
  cookiesEnabled: ASSUMED,
  pdfViewer: ASSUMED,
  reducedMotion: ASSUMED,
  reducedTransparency: ASSUMED,
  contrast: ASSUMED,
  forcedColors: ASSUMED,
  invertedColors: ASSUMED,
  protection: ASSUMED,
  webdriver: ROBOTS,
  networkPrefix: ASSUMED,
}
