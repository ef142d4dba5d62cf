import type { Drift, Figures } from './figures.ts'
import type { Weights } from './types.ts'

// No rate was published: assumed one browser in five changes it, once in a year and a half.
const RARE: Drift = [
  [0.8, 0.0001],
  [0.2, 0.002],
]

/**
 * The figures a site begins with. Rates of change: FP-Stalker's full data, 122,350 fingerprints of 2,346 browsers
 * (medians and 90th and 95th percentiles as shares of browsers), where it has the signal; else the nearest kin's, as
 * noted. "Fitted" means on the bench's tune worlds, never on its test worlds.
 */
export const START: Figures = {
  version: 0,
  drift: {
    // FP-Stalker: WebGL renderer and vendor; cores, memory, model and system never or hardly ever.
    gpuRenderer: [
      [0.85, 0.0002],
      [0.1, 0.0117],
      [0.05, 0.03],
    ],
    gpuVendor: [
      [0.9, 0.0002],
      [0.07, 0.0068],
      [0.03, 0.018],
    ],
    hardwareConcurrency: RARE,
    deviceMemory: RARE,
    architecture: RARE,
    model: RARE,
    platform: RARE,
    // FP-Stalker: canvas .0033, .0274, .0561; WebGL hashes and audio as its kin, since updates move them together.
    webgl: [
      [0.6, 0.0033],
      [0.3, 0.012],
      [0.1, 0.056],
    ],
    canvas: [
      [0.5, 0.0033],
      [0.4, 0.012],
      [0.1, 0.056],
    ],
    audio: [
      [0.6, 0.0015],
      [0.35, 0.008],
      [0.05, 0.03],
    ],
    // FP-Stalker: fonts (by Flash) .0633, .156 above the 90th percentile.
    fonts: [
      [0.8, 0.002],
      [0.15, 0.03],
      [0.05, 0.156],
    ],
    // FP-Stalker: resolution .334 above the 90th percentile: docks. Scale, gamut and text drawings go with it.
    screen: [
      [0.75, 0.0005],
      [0.15, 0.1],
      [0.1, 0.334],
    ],
    colorDepth: [
      [0.9, 0.0002],
      [0.1, 0.03],
    ],
    colorGamut: [
      [0.85, 0.0005],
      [0.15, 0.15],
    ],
    hdr: [
      [0.85, 0.0005],
      [0.15, 0.15],
    ],
    touchPoints: [
      [0.95, 0.0002],
      [0.05, 0.05],
    ],
    devicePixelRatio: [
      [0.75, 0.001],
      [0.15, 0.1],
      [0.1, 0.334],
    ],
    canvasText: [
      [0.5, 0.004],
      [0.3, 0.03],
      [0.2, 0.2],
    ],
    // FP-Stalker: language .0064, .018. Timezones: its .017 without summer time, about .006 for one in seven.
    languages: [
      [0.85, 0.0002],
      [0.1, 0.0064],
      [0.05, 0.018],
    ],
    timezone: [
      [0.85, 0.0002],
      [0.15, 0.006],
    ],
    // Without versions a user agent stays; the system's own version moves with its patches: assumed.
    userAgent: RARE,
    uaPlatform: RARE,
    uaPlatformVersion: [
      [0.5, 0.005],
      [0.5, 0.03],
    ],
    vendor: RARE,
    plugins: RARE,
    acceptEncoding: [
      [0.9, 0.0001],
      [0.1, 0.0081],
    ],
    cookiesEnabled: RARE,
    pdfViewer: RARE,
    doNotTrack: [
      [0.9, 0.0001],
      [0.1, 0.0049],
    ],
    reducedMotion: RARE,
    reducedTransparency: RARE,
    contrast: RARE,
    forcedColors: RARE,
    invertedColors: RARE,
    // "Don't count me out" (2020): an address is kept for 9.3 days on average, for ten days by one in ten.
    networkPrefix: [
      [0.5, 0.04],
      [0.5, 0.11],
    ],
  },
  agreement: {},
  // Fitted.
  changeAtOnce: 0.02,
  // Fitted: 14.1 bits jointly against 70.2 summed (Li & Cao 2020) bound it from above.
  furtherChanges: 0.35,
  // Entropies within a class of system and browser: Li & Cao 2020 and Berke 2025, less what the class itself tells.
  bits: {
    hardware: 6.8,
    rendering: 6.6,
    fonts: 5,
    display: 4.4,
    zoom: 1,
    languages: 2.5,
    timezone: 1.6,
    system: 1.5,
    preferences: 0.7,
    network: 9,
  },
  // 3,939 pairs of different browsers in FP-Stalker's public sample.
  coincidence: {
    userAgent: 0.006,
    plugins: 0.024,
    canvas: 0.05,
    languages: 0.07,
    screen: 0.146,
    timezone: 0.191,
    gpuRenderer: 0.201,
  },
  // Fitted; the pairs' redundancy of Li & Cao 2020 (WebGL and GPU share 2.58 bits) says which is little.
  independence: {
    hardware: 1,
    rendering: 0.15,
    fonts: 0.6,
    display: 0.4,
    zoom: 0.4,
    languages: 0.6,
    timezone: 0.4,
    system: 0.3,
    preferences: 0.7,
    network: 0.7,
  },
  // Fitted: the likeliest over visits of many small worlds, from regular to Poisson, with fleets and without.
  twins: {
    ios: [0.01, 0.06, 0.13, 0.19, 0.28, 1],
    android: [0.008, 0.025, 0.045, 0.055, 0.06, 0.2],
    windows: [0.008, 0.011, 0.015, 0.06, 0.16, 0.3],
    mac: [0.003, 0.005, 0.012, 0.04, 0.06, 0.12],
    linux: [0.001, 0.002, 0.004, 0.012, 0.04, 0.06],
    chromeos: [0.01, 0.025, 0.045, 0.06, 0.1, 0.3],
    other: [0.01, 0.03, 0.05, 0.1, 0.2, 0.5],
  },
  twinScale: {},
  changeScale: 1,
  // Fitted, of fleets of some dozens.
  fleets: { windows: 0.06, chromeos: 0.02, mac: 0.005, linux: 0.005, android: 0.005, ios: 0.1, other: 0.02 },
  fleetSize: 30,
  // Assumed; a site's own visits soon outweigh both.
  returners: 0.5,
  gaps: [0.1, 0.25, 0.2, 0.2, 0.12, 0.09, 0.04],
  // 32 % of browsers clear their cookies in a year (Li & Cao 2020); private windows: assumed.
  proofLossPerYear: 0.32,
  proofLossAtOnce: 0.005,
  lostByHolders: 0.5,
  // Chrome's two weeks from version 153 on; Firefox four; Safari with its system, six times a year.
  cadenceDays: { chrome: 14, edge: 14, opera: 14, samsung: 28, firefox: 28, safari: 60, other: 30 },
  slope: 1,
  offset: 0,
}

/** The weights a site begins with, before its own visits have taught anything. */
export function startWeights(): Weights {
  return { ...START }
}
