/** Signals that tell much the same thing share a group; a group's evidence is capped. */
export type SignalGroup = 'device' | 'display' | 'locale' | 'network' | 'software'

/** How often a value changes on one and the same browser. */
export type SignalDrift = 'rarely' | 'sometimes' | 'often'

/** How a raw value is brought into its one normal form. */
export type SignalKind =
  | 'count'
  | 'digest'
  | 'flag'
  | 'languages'
  | 'ratio'
  | 'screen'
  | 'set'
  | 'text'
  | 'userAgent'

/** What is known about one signal. */
export interface SignalDefinition {
  group: SignalGroup
  /**
   * What the signal adds to the others, in bits. Not its entropy alone: those sum to 70.2 bits where the
   * same 18 attributes tell 14.1 together.
   */
  bits: number
  drift: SignalDrift
  /** Part of the exact fingerprint. Values that change in ordinary use are evidence only. */
  isHashed: boolean
  kind: SignalKind
}

function signal(
  group: SignalGroup,
  bits: number,
  ...[drift, hashing, kind]: [drift: SignalDrift, hashing: 'evidence' | 'hashed', kind: SignalKind]
): SignalDefinition {
  return { group, bits, drift, isHashed: hashing === 'hashed', kind }
}

/**
 * Every signal the product knows, by the name that travels on the wire. Where each figure comes from stands in
 * `signal-sources.ts`, what others call the same thing in `signal-aliases.ts`: browsers load neither.
 */
export const SIGNALS = {
  // Device class: decided by hardware, driver and operating system.
  gpuVendor: signal('device', 0.1, 'rarely', 'hashed', 'text'),
  gpuRenderer: signal('device', 1.53, 'rarely', 'hashed', 'text'),
  webgl: signal('device', 1.76, 'sometimes', 'hashed', 'digest'),
  canvas: signal('device', 1.21, 'sometimes', 'hashed', 'digest'),
  canvasText: signal('device', 0.41, 'often', 'evidence', 'digest'),
  audio: signal('device', 1.25, 'rarely', 'hashed', 'digest'),
  fonts: signal('device', 1.89, 'sometimes', 'hashed', 'set'),
  hardwareConcurrency: signal('device', 0.43, 'rarely', 'hashed', 'count'),
  deviceMemory: signal('device', 0.58, 'rarely', 'hashed', 'ratio'),
  architecture: signal('device', 0.1, 'rarely', 'hashed', 'text'),
  model: signal('device', 0.5, 'rarely', 'hashed', 'text'),

  // Display: changes with docks, projectors and zoom.
  screen: signal('display', 1.99, 'often', 'hashed', 'screen'),
  devicePixelRatio: signal('display', 0.62, 'often', 'evidence', 'ratio'),
  colorDepth: signal('display', 0.19, 'rarely', 'hashed', 'count'),
  colorGamut: signal('display', 0.1, 'often', 'evidence', 'text'),
  hdr: signal('display', 0.1, 'often', 'evidence', 'flag'),
  touchPoints: signal('display', 0.53, 'sometimes', 'evidence', 'count'),

  // Locale: changes with travel and with the person's taste.
  languages: signal('locale', 1.19, 'sometimes', 'hashed', 'languages'),
  timezone: signal('locale', 0.42, 'sometimes', 'hashed', 'text'),
  timezoneOffset: signal('locale', 0.1, 'often', 'evidence', 'count'),

  // Software: moves with updates (Chrome's major every 14 days) and preferences.
  userAgent: signal('software', 1.45, 'sometimes', 'hashed', 'userAgent'),
  browserMajor: signal('software', 0.4, 'often', 'evidence', 'count'),
  platform: signal('software', 0.51, 'rarely', 'hashed', 'text'),
  uaPlatform: signal('software', 0.35, 'rarely', 'hashed', 'text'),
  uaPlatformVersion: signal('software', 0.61, 'often', 'evidence', 'text'),
  vendor: signal('software', 0.1, 'rarely', 'hashed', 'text'),
  plugins: signal('software', 0.1, 'sometimes', 'evidence', 'set'),
  acceptEncoding: signal('software', 0.26, 'rarely', 'hashed', 'text'),
  doNotTrack: signal('software', 0.41, 'rarely', 'evidence', 'text'),
  cookiesEnabled: signal('software', 0.04, 'rarely', 'evidence', 'flag'),
  pdfViewer: signal('software', 0.04, 'rarely', 'evidence', 'flag'),
  reducedMotion: signal('software', 0.1, 'often', 'evidence', 'flag'),
  reducedTransparency: signal('software', 0.05, 'often', 'evidence', 'flag'),
  contrast: signal('software', 0.1, 'often', 'evidence', 'text'),
  forcedColors: signal('software', 0.05, 'often', 'evidence', 'flag'),
  invertedColors: signal('software', 0.05, 'often', 'evidence', 'flag'),
  // What falsifies the others, and who drives the browser: says how far to trust them, and little about who it is.
  protection: signal('software', 0.1, 'rarely', 'evidence', 'text'),
  webdriver: signal('software', 0, 'rarely', 'evidence', 'flag'),

  // Network: seen by the server only.
  networkPrefix: signal('network', 1, 'often', 'hashed', 'text'),
} as const satisfies Record<string, SignalDefinition>

export type SignalName = keyof typeof SIGNALS

export const SIGNAL_NAMES = Object.keys(SIGNALS) as SignalName[]

/** The definition behind a name, with the wide type. */
export function getSignal(name: SignalName): SignalDefinition {
  return SIGNALS[name]
}

/** Bits all browser signals tell together (Li & Cao 2020); stands for a confidence of 100. */
export const JOINT_BITS = 14.14

/**
 * The most a group can add, in bits. The browser's four sum to {@link JOINT_BITS}: device class from the Shapley
 * values of fonts, WebGL, GPU, audio, canvas and cores; the rest in the proportion of their own signals.
 * Without device evidence the others reach 7.5 of 14.14 bits, so a link by fingerprint (60) always needs it.
 */
export const GROUP_BITS: Readonly<Record<SignalGroup, number>> = {
  device: 7.6,
  display: 2.2,
  locale: 1.6,
  software: 2.74,
  network: 1,
}
